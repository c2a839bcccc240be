using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace CosmosKernel.Tasks;

/// <summary>A set of CPU numbers, 0 to 255. Immutable; every operation is a few instructions and allocates nothing, except <see cref="ToString"/>.</summary>
public readonly struct CpuSet : IEquatable<CpuSet>
{
    /// <summary>One more than the highest CPU number that a set can hold.</summary>
    public const int Capacity = 256;

    private readonly ulong _w0;
    private readonly ulong _w1;
    private readonly ulong _w2;
    private readonly ulong _w3;

    private CpuSet(ulong w0, ulong w1, ulong w2, ulong w3)
    {
        _w0 = w0;
        _w1 = w1;
        _w2 = w2;
        _w3 = w3;
    }

    /// <summary>The set of all CPU numbers.</summary>
    public static CpuSet All => new(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);

    /// <summary>The set with no member.</summary>
    public static CpuSet Empty => default;

    /// <summary>True when there is no member.</summary>
    public bool IsEmpty => (_w0 | _w1 | _w2 | _w3) == 0;

    /// <summary>How many members there are.</summary>
    public int Count => BitOperations.PopCount(_w0) + BitOperations.PopCount(_w1) + BitOperations.PopCount(_w2) + BitOperations.PopCount(_w3);

    /// <summary>The lowest member, or -1 when the set is empty.</summary>
    public int First => Next(-1);

    /// <summary>The set whose only member is <paramref name="cpu"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not in 0 to 255.</exception>
    public static CpuSet Of(int cpu)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)cpu, (uint)Capacity, nameof(cpu));
        return FromWord(cpu >> 6, 1ul << (cpu & 63));
    }

    /// <summary>The set of <paramref name="first"/>, <paramref name="last"/> and all between; empty when last is below first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not in 0 to 255.</exception>
    public static CpuSet Range(int first, int last)
    {
        CpuSet set = Empty;
        for (int cpu = first; cpu <= last; cpu++)
        {
            set |= Of(cpu);
        }

        return set;
    }

    /// <summary>The set with the members that 64 bits of a mask say.</summary>
    /// <param name="index">Which 64 CPU numbers: 0 for 0 to 63, up to 3. Other values give the empty set.</param>
    /// <param name="bits">Bit n set: number 64 * index + n is a member.</param>
    public static CpuSet FromWord(int index, ulong bits) => index switch
    {
        0 => new CpuSet(bits, 0, 0, 0),
        1 => new CpuSet(0, bits, 0, 0),
        2 => new CpuSet(0, 0, bits, 0),
        3 => new CpuSet(0, 0, 0, bits),
        _ => Empty,
    };

    /// <summary>The set with the members that the bits of a mask of 256 say: bit n of the first word is number n, of the second 64 + n, and so on.</summary>
    public static CpuSet FromWords(ulong word0, ulong word1, ulong word2, ulong word3) => new(word0, word1, word2, word3);

    /// <summary>The members 64 * index to 64 * index + 63 as bits.</summary>
    /// <param name="index">0 to 3; other values give 0.</param>
    public ulong Word(int index) => index switch
    {
        0 => _w0,
        1 => _w1,
        2 => _w2,
        3 => _w3,
        _ => 0,
    };

    /// <summary>True when <paramref name="cpu"/> is a member; false for numbers that no set holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(int cpu)
    {
        // Most machines have no more CPUs than the first word.
        return (uint)cpu < 64 ? ((_w0 >> cpu) & 1) != 0 : ContainsHigh(cpu);
    }

    /// <summary>The lowest member above <paramref name="after"/>, or -1.</summary>
    public int Next(int after)
    {
        int from = after + 1;
        for (int index = Math.Max(from, 0) >> 6; index < 4; index++)
        {
            ulong word = Word(index);
            if (index == from >> 6)
            {
                word &= ulong.MaxValue << (from & 63);
            }

            if (word != 0)
            {
                return (index << 6) + BitOperations.TrailingZeroCount(word);
            }
        }

        return -1;
    }

    /// <summary>Members of both.</summary>
    public static CpuSet operator &(CpuSet a, CpuSet b) => new(a._w0 & b._w0, a._w1 & b._w1, a._w2 & b._w2, a._w3 & b._w3);

    /// <summary>Members of either.</summary>
    public static CpuSet operator |(CpuSet a, CpuSet b) => new(a._w0 | b._w0, a._w1 | b._w1, a._w2 | b._w2, a._w3 | b._w3);

    /// <summary>Every number that is no member.</summary>
    public static CpuSet operator ~(CpuSet a) => new(~a._w0, ~a._w1, ~a._w2, ~a._w3);

    /// <summary>Same members.</summary>
    public static bool operator ==(CpuSet a, CpuSet b) => a.Equals(b);

    /// <summary>Different members.</summary>
    public static bool operator !=(CpuSet a, CpuSet b) => !a.Equals(b);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool ContainsHigh(int cpu) => (uint)cpu < Capacity && ((Word(cpu >> 6) >> (cpu & 63)) & 1) != 0;

    /// <inheritdoc/>
    public bool Equals(CpuSet other) => _w0 == other._w0 && _w1 == other._w1 && _w2 == other._w2 && _w3 == other._w3;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CpuSet other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_w0, _w1, _w2, _w3);

    /// <summary>The members in Linux's list format (cpuset(7)): <c>0-3,8</c>.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        int first = First;
        while (first >= 0)
        {
            int last = first;
            while (Contains(last + 1))
            {
                last++;
            }

            text.Append(text.Length == 0 ? "" : ",").Append(first);
            if (last > first)
            {
                text.Append('-').Append(last);
            }

            first = Next(last);
        }

        return text.ToString();
    }

    /// <summary>Reads Linux's list format.</summary>
    /// <param name="text">For example <c>0-3,8</c>; the empty string is the empty set.</param>
    /// <param name="set">The set that was read.</param>
    /// <returns>False when the text is something else or has a number above 255.</returns>
    public static bool TryParse(string text, out CpuSet set)
    {
        set = Empty;
        if (text.Length == 0)
        {
            return true;
        }

        foreach (string part in text.Split(','))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || !byte.TryParse(ends[0], out byte first) || !byte.TryParse(ends[^1], out byte last) || last < first)
            {
                set = Empty;
                return false;
            }

            set |= Range(first, last);
        }

        return true;
    }
}
