using System;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Locking.Queues;

/// <summary>
/// A bounded queue with any number of producers and consumers, without lock: one compare-and-exchange for each operation. Nothing is allocated after construction; any context but NMI.
/// An operation never waits; it may find the queue full or empty although it is not quite, while another CPU is in the middle of the operation that comes before: what a stopped CPU has
/// begun to add or take holds up that slot, and those behind it are added and taken until the ring has gone round.
/// </summary>
/// <remarks>
/// Each slot has a sequence number that tells whose turn it is: position p for the producer of the p-th element, p + 1 for its consumer, p + capacity for the producer one round later.
/// So a CPU that was stopped between reading a position and its compare-and-exchange cannot take a slot for free that was used meanwhile (ABA): the position would have to
/// come back to the same value, which takes 2^64 operations.
/// Idea: Vyukov, "Bounded MPMC queue" (1024cores.net).
/// </remarks>
/// <typeparam name="T">What is queued; copied.</typeparam>
[NoAllocation]
public sealed class MpmcRing<T>
{
    [Protocol("The array stays; each slot is touched by who the positions give it to.")]
    private readonly Slot[] _slots;
    private readonly long _mask;
    [Protocol("Both positions only grow, by compare-and-exchange.")]
    private MpmcEnds _ends;

    /// <summary>Makes an empty queue. Task context.</summary>
    /// <param name="capacity">How many it holds at least, 2 to 2^30; rounded up to a power of two.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not such a number.</exception>
    public MpmcRing(int capacity)
    {
        // With one slot the turns of this round's consumer and of the next round's producer would have the same number.
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 1 << 30);
        _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)capacity)];
        _mask = _slots.Length - 1;
        for (int i = 0; i < _slots.Length; i++)
        {
            _slots[i].Turn = i;
        }
    }

    /// <summary>How many it holds at most.</summary>
    public int Capacity => _slots.Length;

    /// <summary>How many it holds now, those counted that are being added. Outdated at once.</summary>
    public int Count => (int)Math.Clamp(Volatile.Read(ref _ends.Enqueue) - Volatile.Read(ref _ends.Dequeue), 0, _slots.Length);

    /// <summary>Adds an element at the end.</summary>
    /// <returns>False when the queue is full.</returns>
    public bool TryEnqueue(T value)
    {
        long position = Volatile.Read(ref _ends.Enqueue);
        while (true)
        {
            ref Slot slot = ref _slots[(int)(position & _mask)];

            // Acquire: the consumer of the last round has emptied the slot. Pairs with the release in TryDequeue.
            long ahead = Volatile.Read(ref slot.Turn) - position;
            if (ahead == 0)
            {
                // Who wins the position owns the slot until it writes the turn.
                long seen = Interlocked.CompareExchange(ref _ends.Enqueue, position + 1, position);
                if (seen == position)
                {
                    slot.Value = value;

                    // Release: the consumer that sees its turn sees the element.
                    Volatile.Write(ref slot.Turn, position + 1);
                    return true;
                }

                position = seen;
            }
            else if (ahead < 0)
            {
                return false;
            }
            else
            {
                // Another producer was faster.
                position = Volatile.Read(ref _ends.Enqueue);
            }
        }
    }

    /// <summary>Takes the first element.</summary>
    /// <returns>False when the queue is empty.</returns>
    public bool TryDequeue([MaybeNullWhen(false)] out T value)
    {
        long position = Volatile.Read(ref _ends.Dequeue);
        while (true)
        {
            ref Slot slot = ref _slots[(int)(position & _mask)];

            // Acquire: pairs with the release in TryEnqueue.
            long ahead = Volatile.Read(ref slot.Turn) - (position + 1);
            if (ahead == 0)
            {
                long seen = Interlocked.CompareExchange(ref _ends.Dequeue, position + 1, position);
                if (seen == position)
                {
                    value = slot.Value;
                    slot.Value = default!;

                    // Release: the slot is empty before the producer of the next round may write it.
                    Volatile.Write(ref slot.Turn, position + _slots.Length);
                    return true;
                }

                position = seen;
            }
            else if (ahead < 0)
            {
                value = default;
                return false;
            }
            else
            {
                // Another consumer was faster.
                position = Volatile.Read(ref _ends.Dequeue);
            }
        }
    }

    private struct Slot
    {
        [Atomic]
        public long Turn;

        [Protocol("Belongs to the CPU that won the position that Turn names, until it sets the next turn.")]
        public T Value;
    }
}

/// <summary>The two ends, which different CPUs write, in cache lines of their own.</summary>
[StructLayout(LayoutKind.Explicit, Size = 3 * CacheLine.Bytes)]
internal struct MpmcEnds
{
    // Position of the next element to add.
    [FieldOffset(CacheLine.Bytes)]
    [Atomic]
    public long Enqueue;

    // Position of the next element to take.
    [FieldOffset(2 * CacheLine.Bytes)]
    [Atomic]
    public long Dequeue;
}
