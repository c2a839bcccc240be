using System;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Locking;

/// <summary>
/// A lock-free stack of small numbers, for what is kept in an array and handed out: slots, buffers, requests. Any context, NMI too; nothing allocates or waits.
/// <para>The top carries a tag that grows with each change, so that a top which went away and came back is not taken for one that stayed (the ABA problem). The tag has
/// 32 bits: to be deceived, an operation must be stopped while exactly a multiple of 2^32 others are done.</para>
/// </summary>
public sealed class IndexStack
{
    private const int None = -1;

    // Tag in the high half, index in the low one.
    [Atomic]
    private long _top = Pack(None, 0);

    // Element i: the index below i while i is on the stack; written by who pushes i, before it is on the stack.
    [Atomic]
    private readonly int[] _next;

    /// <summary>Makes an empty stack.</summary>
    /// <param name="capacity">Indices are from 0 to one less.</param>
    /// <exception cref="ArgumentOutOfRangeException">Below 0.</exception>
    public IndexStack(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        _next = new int[capacity];
    }

    /// <summary>The top at this moment.</summary>
    [NoAllocation]
    public Top Look() => new(Volatile.Read(ref _top));

    /// <summary>Puts an index on the stack. It must not be on it.</summary>
    [NoAllocation]
    public void Push(int index)
    {
        long seen = Volatile.Read(ref _top);
        while (true)
        {
            Volatile.Write(ref _next[index], (int)seen);

            // A full fence: the link, and what the caller did to the slot, are seen before the index. Pairs with the exchange in TryPop.
            long there = Interlocked.CompareExchange(ref _top, Pack(index, seen), seen);
            if (there == seen)
            {
                return;
            }

            seen = there;
        }
    }

    /// <summary>Takes the top.</summary>
    /// <returns>Its index, or -1 when the stack is empty.</returns>
    [NoAllocation]
    public int Pop()
    {
        while (true)
        {
            Top seen = Look();
            if (seen.Index == None || TryPop(seen))
            {
                return seen.Index;
            }
        }
    }

    /// <summary>Takes the top if nothing has changed since a look at it: the step that <see cref="Pop"/> repeats.</summary>
    /// <returns>False when something has, or the stack was empty.</returns>
    [NoAllocation]
    public bool TryPop(Top seen)
    {
        if (seen.Index == None)
        {
            return false;
        }

        // May be outdated, if the index was taken since; then the tag has changed and the exchange fails.
        int next = Volatile.Read(ref _next[seen.Index]);
        return Interlocked.CompareExchange(ref _top, Pack(next, seen.Word), seen.Word) == seen.Word;
    }

    private static long Pack(int index, long previous) => ((previous >> 32) + 1) << 32 | (uint)index;

    /// <summary>What a look saw.</summary>
    public readonly struct Top
    {
        internal Top(long word)
        {
            Word = word;
        }

        /// <summary>The index on top, or -1.</summary>
        public int Index => (int)Word;

        internal long Word { get; }
    }
}
