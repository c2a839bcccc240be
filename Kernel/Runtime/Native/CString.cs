using System;

namespace CosmosKernel.Runtime.Native;

/// <summary>Zero-terminated bytes, as CoreLib passes and expects text.</summary>
internal static unsafe class CString
{
    /// <summary>The bytes before the zero; empty for null.</summary>
    public static ReadOnlySpan<byte> AsSpan(byte* text)
    {
        int length = 0;
        while (text != null && text[length] != 0)
        {
            length++;
        }

        return new ReadOnlySpan<byte>(text, length);
    }

    /// <summary>Copies text and a zero. False, with nothing written, if they do not fit.</summary>
    public static bool TryCopy(ReadOnlySpan<byte> text, byte* buffer, int size)
    {
        if (text.Length + 1 > size)
        {
            return false;
        }

        text.CopyTo(new Span<byte>(buffer, size));
        buffer[text.Length] = 0;
        return true;
    }
}
