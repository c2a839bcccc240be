using System;
using System.Buffers.Text;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.SystemFiles;

/// <summary>Text that grows: what a file of /proc or /sys shows. Strings are written as UTF-8.</summary>
[Owned]
public sealed class TextBuilder
{
    private byte[] _bytes = new byte[1024];

    /// <summary>Bytes so far.</summary>
    public int Length { get; private set; }

    /// <summary>The text.</summary>
    public ReadOnlySpan<byte> Text => _bytes.AsSpan(0, Length);

    /// <summary>Empties it.</summary>
    public void Clear() => Length = 0;

    /// <summary>Takes away all behind the first so many bytes.</summary>
    public void Shorten(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)Length, nameof(length));
        Length = length;
    }

    /// <summary>Adds bytes.</summary>
    public TextBuilder Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Grow(bytes.Length));
        Length += bytes.Length;
        return this;
    }

    /// <summary>Adds text.</summary>
    public TextBuilder Add(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Span<byte> to = Grow(text.Length * 3);
        Length += System.Text.Encoding.UTF8.GetBytes(text, to);
        return this;
    }

    /// <summary>Adds a byte.</summary>
    public TextBuilder Add(byte value)
    {
        Grow(1)[0] = value;
        Length++;
        return this;
    }

    /// <summary>Adds a character of ASCII.</summary>
    public TextBuilder Add(char value) => Add((byte)value);

    /// <summary>Adds a number in decimal.</summary>
    public TextBuilder Add(long value)
    {
        Utf8Formatter.TryFormat(value, Grow(20), out int written);
        Length += written;
        return this;
    }

    /// <summary>Adds a number in decimal.</summary>
    public TextBuilder Add(ulong value)
    {
        Utf8Formatter.TryFormat(value, Grow(20), out int written);
        Length += written;
        return this;
    }

    /// <summary>Adds a number in decimal, filled up on the left.</summary>
    /// <param name="value">The number.</param>
    /// <param name="width">Characters at least, to 32.</param>
    /// <param name="fill">What it is filled up with.</param>
    public TextBuilder AddRight(long value, int width, char fill = ' ')
    {
        Span<byte> to = Grow(32);
        Utf8Formatter.TryFormat(value, to, out int written);
        int before = Math.Max(width - written, 0);
        if (before > 0)
        {
            to[..written].CopyTo(to[before..]);
            to[..before].Fill((byte)fill);
        }

        Length += before + written;
        return this;
    }

    /// <summary>Adds text, filled up on the right with spaces.</summary>
    public TextBuilder AddLeft(string text, int width)
    {
        int before = Length;
        Add(text);
        return Fill(width - (Length - before), ' ');
    }

    /// <summary>Adds a number in small hexadecimal digits.</summary>
    /// <param name="value">The number.</param>
    /// <param name="width">Digits at least, to 16; zeros are put before it.</param>
    public TextBuilder AddHex(ulong value, int width = 1)
    {
        int digits = Math.Max(width, 1);
        while (digits < 16 && value >> (4 * digits) != 0)
        {
            digits++;
        }

        Span<byte> to = Grow(digits);
        for (int i = digits - 1; i >= 0; i--)
        {
            to[i] = "0123456789abcdef"u8[(int)(value & 15)];
            value >>= 4;
        }

        Length += digits;
        return this;
    }

    /// <summary>Adds a number in octal digits.</summary>
    public TextBuilder AddOctal(uint value, int width = 1)
    {
        int digits = Math.Max(width, 1);
        while (digits < 11 && value >> (3 * digits) != 0)
        {
            digits++;
        }

        Span<byte> to = Grow(digits);
        for (int i = digits - 1; i >= 0; i--)
        {
            to[i] = (byte)('0' + (value & 7));
            value >>= 3;
        }

        Length += digits;
        return this;
    }

    /// <summary>Adds hundredths as a number with two decimals.</summary>
    public TextBuilder AddHundredths(ulong hundredths) => Add(hundredths / 100).Add('.').AddRight((long)(hundredths % 100), 2, '0');

    /// <summary>Adds bytes with spaces, tabs, line feeds and backslashes as octal escapes, as /proc/mounts has them.</summary>
    public TextBuilder AddEscaped(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            if (value is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\\')
            {
                Add('\\').AddOctal(value, 3);
            }
            else
            {
                Add(value);
            }
        }

        return this;
    }

    /// <summary>Ends a line.</summary>
    public TextBuilder Line() => Add((byte)'\n');

    /// <summary>Adds a character a number of times; none when that is negative.</summary>
    public TextBuilder Fill(int count, char value)
    {
        if (count > 0)
        {
            Grow(count)[..count].Fill((byte)value);
            Length += count;
        }

        return this;
    }

    private Span<byte> Grow(int count)
    {
        if (_bytes.Length - Length < count)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        }

        return _bytes.AsSpan(Length);
    }
}
