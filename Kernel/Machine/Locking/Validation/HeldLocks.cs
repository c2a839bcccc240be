using System;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Machine.Locking.Validation;

/// <summary>How a lock is held.</summary>
[Flags]
internal enum HeldFlags : byte
{
    /// <summary>As usual.</summary>
    None = 0,

    /// <summary>With other readers.</summary>
    Shared = 1,

    /// <summary>Taken without waiting: so nothing that was held then waited for it.</summary>
    Tried = 2,

    /// <summary>A lock that waits by sleeping.</summary>
    Sleeping = 4,

    /// <summary>Not held yet: its waiter is.</summary>
    Waiting = 8,

    /// <summary>The entry stands, or stood, for several locks of the class.</summary>
    Group = 16,
}

/// <summary>A lock that is held, or waited for.</summary>
internal struct HeldLock
{
    /// <summary>The lock's address; locks do not move.</summary>
    public nuint Address;

    /// <summary>Its class.</summary>
    public LockClass Class;

    /// <summary>Its place among the locks of its class; of several, the last one's.</summary>
    public ushort Number;

    /// <summary>Further locks of the class that were taken after it, as the class allows.</summary>
    public ushort More;

    /// <summary>How it is held.</summary>
    public HeldFlags Flags;

    /// <summary>A hard interrupt took it.</summary>
    public bool InInterrupt;

    /// <summary>When it was taken, in ticks of the TSC; while it is waited for, since when.</summary>
    public ulong Since;

    /// <summary>Where it was taken.</summary>
    public CallTrace Trace;
}

/// <summary>What a CPU holds (spin locks) or what a task holds (locks that sleep), in the order of taking.</summary>
internal struct HeldLocks
{
    /// <summary>How deep the validator can follow.</summary>
    public const int Maximum = 16;

    /// <summary>How many entries are in use.</summary>
    public int Depth;

    /// <summary>Locks that are held and for which there was no room.</summary>
    public int Lost;

    /// <summary>Of a CPU: the validator runs here already.</summary>
    public bool IsBusy;

    private Entries _entries;

    /// <summary>An entry, below <see cref="Depth"/>.</summary>
    public ref HeldLock this[int index]
    {
        [System.Diagnostics.CodeAnalysis.UnscopedRef]
        get => ref _entries[index];
    }

    /// <summary>Adds one on top.</summary>
    /// <returns>False when there is no room.</returns>
    public bool Push(in HeldLock held)
    {
        if (Depth == Maximum)
        {
            Lost++;
            return false;
        }

        _entries[Depth++] = held;
        return true;
    }

    /// <summary>The topmost entry of this lock; -1 when there is none.</summary>
    public readonly int Find(nuint address)
    {
        int index = Depth - 1;
        while (index >= 0 && _entries[index].Address != address)
        {
            index--;
        }

        return index;
    }

    /// <summary>Takes an entry out.</summary>
    public void RemoveAt(int index)
    {
        Depth--;
        for (int i = index; i < Depth; i++)
        {
            _entries[i] = _entries[i + 1];
        }
    }

    [InlineArray(Maximum)]
    private struct Entries
    {
        private HeldLock _first;
    }
}
