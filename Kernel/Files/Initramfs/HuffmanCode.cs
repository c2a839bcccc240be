using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Initramfs;

/// <summary>
/// A canonical prefix code (RFC 1951, 3.2.2). Codes of up to <see cref="FastBits"/> bits are found by one look into a table of their next bits, longer ones by counting.
/// </summary>
[TaskPrivate]
internal sealed class HuffmanCode
{
    /// <summary>Bits of the longest code.</summary>
    public const int LongestCode = 15;

    private const int FastBits = 10;
    private const int LengthBits = 4;

    // By the next bits, the first one lowest: symbol and length; 0 for none.
    private readonly ushort[] _fast = new ushort[1 << FastBits];

    // By length: how many codes. Symbols in the order of their codes.
    private readonly int[] _counts = new int[LongestCode + 1];
    private readonly ushort[] _symbols = new ushort[288];

    /// <summary>Makes the code of these lengths.</summary>
    /// <param name="lengths">Bits of each symbol's code, 0 to 15; 0: the symbol has none.</param>
    /// <param name="mayBeIncomplete">Some bit strings may be no code: only of a code with one symbol, or none.</param>
    /// <returns>False when no such code exists.</returns>
    public bool TryBuild(ReadOnlySpan<byte> lengths, bool mayBeIncomplete)
    {
        Array.Clear(_fast);
        Array.Clear(_counts);
        foreach (byte length in lengths)
        {
            _counts[length]++;
        }

        int used = lengths.Length - _counts[0];
        _counts[0] = 0;
        Span<int> next = stackalloc int[LongestCode + 2];
        Span<int> index = stackalloc int[LongestCode + 2];
        next.Clear();
        index.Clear();
        int free = 1;
        for (int length = 1; length <= LongestCode; length++)
        {
            free = (free << 1) - _counts[length];
            if (free < 0)
            {
                return false;
            }

            next[length + 1] = (next[length] + _counts[length]) << 1;
            index[length + 1] = index[length] + _counts[length];
        }

        if (free > 0 && !(mayBeIncomplete && used <= 1))
        {
            return false;
        }

        for (int symbol = 0; symbol < lengths.Length; symbol++)
        {
            int length = lengths[symbol];
            if (length == 0)
            {
                continue;
            }

            _symbols[index[length]++] = (ushort)symbol;
            int code = next[length]++;
            if (length <= FastBits)
            {
                for (int bits = Reverse(code, length); bits < _fast.Length; bits += 1 << length)
                {
                    _fast[bits] = (ushort)((symbol << LengthBits) | length);
                }
            }
        }

        return true;
    }

    /// <summary>Finds the code at the beginning of some bits.</summary>
    /// <param name="bits">The first one lowest; zero behind the last one.</param>
    /// <param name="length">Bits of the code; 0 when they begin no code.</param>
    /// <returns>The symbol.</returns>
    public int Find(uint bits, out int length)
    {
        int entry = _fast[(int)(bits & ((1 << FastBits) - 1))];
        if (entry != 0)
        {
            length = entry & ((1 << LengthBits) - 1);
            return entry >> LengthBits;
        }

        int code = 0;
        int first = 0;
        int index = 0;
        for (length = 1; length <= LongestCode; length++)
        {
            code |= (int)(bits & 1);
            bits >>= 1;
            int count = _counts[length];
            if (code - first < count)
            {
                return _symbols[index + code - first];
            }

            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }

        length = 0;
        return 0;
    }

    private static int Reverse(int code, int length)
    {
        int reversed = 0;
        for (int i = 0; i < length; i++)
        {
            reversed = (reversed << 1) | ((code >> i) & 1);
        }

        return reversed;
    }
}
