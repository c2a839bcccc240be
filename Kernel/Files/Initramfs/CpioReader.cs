using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Initramfs;

/// <summary>Reads a cpio archive in the format "newc" ("070701"), or its variant with checksums ("070702", which are compared), entry by entry. For one task.</summary>
/// <param name="input">Where the archive begins.</param>
[TaskPrivate]
public sealed class CpioReader(ArchiveInput input)
{
    private const int HeaderBytes = 110;
    private const int Fields = 13;
    private const int Padding = 4;

    private readonly long _start = input.Position;
    private uint _left;
    private uint _sum;
    private uint? _expectedSum;

    private static ReadOnlySpan<byte> Trailer => "TRAILER!!!"u8;

    /// <summary>The next entry; what was not read of the last one's contents is skipped.</summary>
    /// <returns>Null at the archive's own end.</returns>
    /// <exception cref="ArchiveException">The archive is malformed, or ends in the middle.</exception>
    public CpioEntry? Next()
    {
        SkipContents();
        long at = input.Position;
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (input.Read(header) != HeaderBytes)
        {
            throw new ArchiveException("cpio: the end of the archive in the middle of a header", at);
        }

        bool hasSums = header.StartsWith("070702"u8);
        if (!hasSums && !header.StartsWith("070701"u8))
        {
            throw new ArchiveException("cpio: no header of the format newc", at);
        }

        Span<uint> fields = stackalloc uint[Fields];
        for (int i = 0; i < Fields; i++)
        {
            fields[i] = ReadHexadecimal(header.Slice(6 + (i * 8), 8), at);
        }

        uint nameBytes = fields[11];
        if (nameBytes is 0 or > PathLimits.PathMaximum)
        {
            throw new ArchiveException($"cpio: a name of {nameBytes} bytes", at);
        }

        byte[] name = new byte[nameBytes - 1];
        if (input.Read(name) != name.Length || input.ReadByte() != 0 || Array.IndexOf(name, (byte)0) >= 0)
        {
            throw new ArchiveException("cpio: a name that does not end where its header says", at);
        }

        Align();
        _left = fields[6];
        _sum = 0;
        _expectedSum = hasSums && (fields[1] & FileMode.TypeMask) == FileMode.Regular && _left != 0 ? fields[12] : null;
        if (name.AsSpan().SequenceEqual(Trailer))
        {
            SkipContents();
            return null;
        }

        if (name.Length == 0)
        {
            throw new ArchiveException("cpio: an empty name", at);
        }

        return new CpioEntry(name, fields[1], fields[2], fields[3], fields[4], fields[5], fields[6], (fields[7], fields[8], fields[0]), fields[9], fields[10]);
    }

    /// <summary>Reads contents of the last entry; 0 when there is nothing left.</summary>
    /// <exception cref="ArchiveException">The archive ends before them, or their checksum is wrong.</exception>
    public int Read(Span<byte> to)
    {
        int wanted = (int)Math.Min(_left, (uint)to.Length);
        int count = input.Read(to[..wanted]);
        if (count != wanted)
        {
            throw new ArchiveException("cpio: the end of the archive in the middle of a file", input.Position);
        }

        _left -= (uint)count;
        if (_expectedSum is { } expected)
        {
            foreach (byte value in to[..count])
            {
                _sum += value;
            }

            if (_left == 0 && count > 0 && _sum != expected)
            {
                throw new ArchiveException("cpio: the checksum of a file is wrong", input.Position);
            }
        }

        return count;
    }

    private static uint ReadHexadecimal(ReadOnlySpan<byte> digits, long at)
    {
        uint value = 0;
        foreach (byte digit in digits)
        {
            int nibble = digit switch
            {
                >= (byte)'0' and <= (byte)'9' => digit - '0',
                >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
                >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
                _ => throw new ArchiveException("cpio: a header with something else than hexadecimal digits", at),
            };
            value = (value << 4) | (uint)nibble;
        }

        return value;
    }

    private void SkipContents()
    {
        Span<byte> rest = stackalloc byte[512];
        while (Read(rest) > 0)
        {
        }

        Align();
    }

    private void Align()
    {
        while ((input.Position - _start) % Padding != 0)
        {
            // The padding behind the last entry may be missing.
            if (input.ReadByte() < 0)
            {
                return;
            }
        }

    }
}
