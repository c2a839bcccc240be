using System;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Block;

/// <summary>
/// How far one open file reads ahead. Reads that follow each other double the window up to the device's limit, and when half of a window is used the next one is started; a read elsewhere reads what it asks for.
/// Several tasks may read one file at once: they then see each other's steps, which can cost speed, not correctness.
/// </summary>
internal sealed class ReadAhead
{
    private const ulong SmallestWindow = 4;

    // The page behind the last one that was read.
    [Atomic]
    private ulong _expected;

    // The window that was started last: its end, its length, and the page whose use starts the next one.
    [Atomic]
    private ulong _end;

    [Atomic]
    private ulong _length;

    [Atomic]
    private ulong _trigger = ulong.MaxValue;

    /// <summary>A page is used.</summary>
    /// <returns>It is the one at which the next window begins to be read.</returns>
    [NoAllocation]
    public bool Use(ulong index)
    {
        Volatile.Write(ref _expected, index + 1);
        return Volatile.Read(ref _trigger) == index;
    }

    /// <summary>A page is missing.</summary>
    /// <param name="index">Its number.</param>
    /// <param name="wanted">Pages that this read wants from there on.</param>
    /// <param name="maximum">The device's limit in pages; 0: none is read ahead.</param>
    /// <returns>How many to read from there on.</returns>
    [NoAllocation]
    public ulong Miss(ulong index, ulong wanted, ulong maximum)
    {
        ulong expected = Volatile.Read(ref _expected);
        bool isSequential = index == expected || index + 1 == expected;
        ulong length = Math.Max(Math.Min(wanted, Math.Max(maximum, 1)), 1);
        if (!isSequential || maximum == 0)
        {
            Volatile.Write(ref _trigger, ulong.MaxValue);
            Volatile.Write(ref _length, 0);
            return length;
        }

        ulong last = Volatile.Read(ref _length);
        length = Math.Min(maximum, Math.Max(Math.Max(length * 2, last * 2), SmallestWindow));
        Remember(index, length);
        return length;
    }

    /// <summary>The trigger was used: the next window.</summary>
    [NoAllocation]
    public (ulong First, ulong Count) Next(ulong maximum)
    {
        ulong first = Volatile.Read(ref _end);
        ulong length = Math.Min(maximum, Math.Max(Volatile.Read(ref _length) * 2, SmallestWindow));
        Volatile.Write(ref _end, first + length);
        Volatile.Write(ref _length, length);
        Volatile.Write(ref _trigger, first);
        return (first, length);
    }

    [NoAllocation]
    private void Remember(ulong first, ulong length)
    {
        Volatile.Write(ref _end, first + length);
        Volatile.Write(ref _length, length);
        Volatile.Write(ref _trigger, first + (length / 2));
    }
}
