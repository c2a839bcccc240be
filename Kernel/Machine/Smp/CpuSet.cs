using System.Numerics;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Machine.Smp;

/// <summary>A set of CPU numbers, 0 to 255. A value without any synchronisation.</summary>
public struct CpuSet
{
    private const int WordCount = 4;
    private const int BitsOfWord = 64;

    private Words _words;

    /// <summary>Every CPU, those that do not exist included.</summary>
    public static CpuSet All
    {
        get
        {
            CpuSet all = default;
            for (int i = 0; i < WordCount; i++)
            {
                all._words[i] = ulong.MaxValue;
            }

            return all;
        }
    }

    /// <summary>How many CPUs are in the set.</summary>
    public readonly int Count
    {
        get
        {
            int count = 0;
            for (int i = 0; i < WordCount; i++)
            {
                count += BitOperations.PopCount(_words[i]);
            }

            return count;
        }
    }

    /// <summary>Whether CPU <paramref name="cpu"/>, 0 to 255, is in the set.</summary>
    public readonly bool Contains(int cpu)
    {
        return (_words[Word(cpu)] & Bit(cpu)) != 0;
    }

    /// <summary>Adds CPU <paramref name="cpu"/>, 0 to 255.</summary>
    public void Add(int cpu)
    {
        _words[Word(cpu)] |= Bit(cpu);
    }

    /// <summary>Takes CPU <paramref name="cpu"/>, 0 to 255, out.</summary>
    public void Remove(int cpu)
    {
        _words[Word(cpu)] &= ~Bit(cpu);
    }

    /// <summary>Sets the CPUs 64 * <paramref name="index"/> to 64 * <paramref name="index"/> + 63 at once.</summary>
    internal void SetWord(int index, ulong value) => _words[index & (WordCount - 1)] = value;

    private static int Word(int cpu)
    {
        return (cpu / BitsOfWord) & (WordCount - 1);
    }

    private static ulong Bit(int cpu)
    {
        return 1ul << (cpu % BitsOfWord);
    }

    [InlineArray(WordCount)]
    private struct Words
    {
        private ulong _first;
    }
}
