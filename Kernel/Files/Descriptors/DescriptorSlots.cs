using System;
using System.Numerics;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Descriptors;

/// <summary>
/// The arrays of a descriptor table: files, which numbers are taken, and which close at exec. Two levels of bits find the lowest free number in at most 256 + 2 words. Replaced as a whole when it grows.
/// </summary>
[RequiresLock(typeof(FileTable), "_lock")]
internal sealed class DescriptorSlots
{
    private const int WordBits = 64;

    // A bit for each number that is taken: installed or reserved.
    [GuardedBy(typeof(FileTable), "_lock")]
    private readonly ulong[] _taken;

    // A bit for each word of _taken that is all ones.
    [GuardedBy(typeof(FileTable), "_lock")]
    private readonly ulong[] _full;

    [GuardedBy(typeof(FileTable), "_lock")]
    private readonly ulong[] _closeOnExec;

    /// <summary>Makes empty ones.</summary>
    /// <param name="capacity">A power of two, 64 and up.</param>
    public DescriptorSlots(int capacity)
    {
        Files = new OpenFile?[capacity];
        _taken = new ulong[capacity / WordBits];
        _full = new ulong[(_taken.Length + WordBits - 1) / WordBits];
        _closeOnExec = new ulong[capacity / WordBits];
    }

    /// <summary>The files by number; read without a lock.</summary>
    [Protocol("Elements are stored with FileTable._lock held, by Volatile.Write; anybody reads them by Volatile.Read and counts the file before using it.")]
    public OpenFile?[] Files { get; }

    [LockFree]
    public int Capacity => Files.Length;

    /// <summary>Copies what other slots have; files are not counted anew.</summary>
    public void CopyFrom(DescriptorSlots other, int count)
    {
        Array.Copy(other.Files, Files, count);
        int words = count / WordBits;
        Array.Copy(other._taken, _taken, words);
        Array.Copy(other._closeOnExec, _closeOnExec, words);
        for (int word = 0; word < words; word++)
        {
            NoteWord(word);
        }
    }

    public bool IsTaken(int number) => (_taken[number / WordBits] >> (number % WordBits) & 1) != 0;

    public bool ClosesOnExec(int number) => (_closeOnExec[number / WordBits] >> (number % WordBits) & 1) != 0;

    public void SetCloseOnExec(int number, bool value)
    {
        ulong bit = 1UL << (number % WordBits);
        ref ulong word = ref _closeOnExec[number / WordBits];
        word = value ? word | bit : word & ~bit;
    }

    public void Take(int number)
    {
        int word = number / WordBits;
        _taken[word] |= 1UL << (number % WordBits);
        NoteWord(word);
    }

    public void Free(int number)
    {
        int word = number / WordBits;
        _taken[word] &= ~(1UL << (number % WordBits));
        _full[word / WordBits] &= ~(1UL << (word % WordBits));
    }

    /// <summary>The lowest free number from a number on; the capacity when there is none.</summary>
    public int FindFree(int from)
    {
        if (from >= Capacity)
        {
            return Capacity;
        }

        int word = from / WordBits;
        ulong free = ~_taken[word] & (ulong.MaxValue << (from % WordBits));
        if (free != 0)
        {
            return (word * WordBits) + BitOperations.TrailingZeroCount(free);
        }

        word++;
        for (int group = word / WordBits; group < _full.Length; group++)
        {
            ulong candidates = ~_full[group];
            if (group == word / WordBits)
            {
                candidates &= ulong.MaxValue << (word % WordBits);
            }

            if (candidates != 0)
            {
                int found = (group * WordBits) + BitOperations.TrailingZeroCount(candidates);
                return found < _taken.Length ? (found * WordBits) + BitOperations.TrailingZeroCount(~_taken[found]) : Capacity;
            }
        }

        return Capacity;
    }

    /// <summary>The lowest taken number from a number on; the capacity when there is none.</summary>
    public int FindTaken(int from)
    {
        if (from >= Capacity)
        {
            return Capacity;
        }

        int word = from / WordBits;
        ulong taken = _taken[word] & (ulong.MaxValue << (from % WordBits));
        while (taken == 0)
        {
            if (++word >= _taken.Length)
            {
                return Capacity;
            }

            taken = _taken[word];
        }

        return (word * WordBits) + BitOperations.TrailingZeroCount(taken);
    }

    /// <summary>One more than the highest number that is taken.</summary>
    public int End()
    {
        for (int word = _taken.Length - 1; word >= 0; word--)
        {
            if (_taken[word] != 0)
            {
                return (word * WordBits) + WordBits - BitOperations.LeadingZeroCount(_taken[word]);
            }
        }

        return 0;
    }

    private void NoteWord(int word)
    {
        if (_taken[word] == ulong.MaxValue)
        {
            _full[word / WordBits] |= 1UL << (word % WordBits);
        }
    }
}
