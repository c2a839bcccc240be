using System;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Locking.Queues;

/// <summary>
/// A bounded queue with one producer and one consumer at a time, without lock and without atomic operations: the usual way from an interrupt handler to a task. Neither side ever waits
/// for the other, nothing is allocated after construction, and both may be in any context but NMI. Several producers, or several consumers, need a lock among themselves, or <see cref="MpmcRing{T}"/>.
/// </summary>
/// <remarks>
/// Positions only grow and wrap at 2^32, so full and empty differ, and the ABA problem cannot arise: no position is compared with an older value of itself to decide who owns a slot.
/// Idea: Lamport, "Specifying concurrent program modules" (1983).
/// </remarks>
/// <typeparam name="T">What is queued; copied.</typeparam>
[NoAllocation]
public sealed class SpscRing<T>
{
    [Protocol("The array stays; each slot is touched by who the positions give it to.")]
    private readonly Slot[] _slots;
    private readonly uint _mask;
    [Protocol("Each position is written by one side, and read by the other with acquire.")]
    private SpscEnds _ends;

    /// <summary>Makes an empty queue. Task context.</summary>
    /// <param name="capacity">How many it holds at least, 1 to 2^30; rounded up to a power of two.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not such a number.</exception>
    public SpscRing(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 1 << 30);
        _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)capacity)];
        _mask = (uint)_slots.Length - 1;
    }

    /// <summary>How many it holds at most.</summary>
    public int Capacity => _slots.Length;

    /// <summary>How many it holds now. Outdated at once, but for the producer it can only fall, and for the consumer only rise.</summary>
    public int Count => (int)(Volatile.Read(ref _ends.Written) - Volatile.Read(ref _ends.Taken));

    /// <summary>Adds an element at the end. The producer.</summary>
    /// <returns>False when the queue is full.</returns>
    public bool TryEnqueue(T value)
    {
        uint written = Volatile.Read(ref _ends.Written);
        if (written - _ends.TakenSeen > _mask)
        {
            // Acquire: the consumer has copied out what lies in the slots before they are written again. Pairs with the release in TryDequeue.
            _ends.TakenSeen = Volatile.Read(ref _ends.Taken);
            if (written - _ends.TakenSeen > _mask)
            {
                return false;
            }
        }

        _slots[written & _mask].Value = value;

        // Release: who sees the new position sees the element. Pairs with the acquire in TryDequeue.
        Volatile.Write(ref _ends.Written, written + 1);
        return true;
    }

    /// <summary>Takes the first element. The consumer.</summary>
    /// <returns>False when the queue is empty.</returns>
    public bool TryDequeue([MaybeNullWhen(false)] out T value)
    {
        uint taken = Volatile.Read(ref _ends.Taken);
        if (taken == _ends.WrittenSeen)
        {
            // Acquire: pairs with the release in TryEnqueue.
            _ends.WrittenSeen = Volatile.Read(ref _ends.Written);
            if (taken == _ends.WrittenSeen)
            {
                value = default;
                return false;
            }
        }

        ref Slot slot = ref _slots[taken & _mask];
        value = slot.Value;

        // The queue must not keep alive what it no longer holds.
        slot.Value = default!;

        // Release: the slot is read and emptied before the producer may use it again. Pairs with the acquire in TryEnqueue.
        Volatile.Write(ref _ends.Taken, taken + 1);
        return true;
    }

    // A struct, so that storing a reference needs no check of the array's element type.
    private struct Slot
    {
        [Protocol("Between the positions taken and written it belongs to the consumer, otherwise to the producer.")]
        public T Value;
    }
}

/// <summary>Each side writes one cache line only, and keeps there what it last saw of the other side.</summary>
[StructLayout(LayoutKind.Explicit, Size = 3 * CacheLine.Bytes)]
internal struct SpscEnds
{
    // Written by the producer.
    [FieldOffset(CacheLine.Bytes)]
    [Atomic]
    public uint Written;

    [FieldOffset(CacheLine.Bytes + 4)]
    [Protocol("Used by the one producer only.")]
    public uint TakenSeen;

    // Written by the consumer.
    [FieldOffset(2 * CacheLine.Bytes)]
    [Atomic]
    public uint Taken;

    [FieldOffset((2 * CacheLine.Bytes) + 4)]
    [Protocol("Used by the one consumer only.")]
    public uint WrittenSeen;
}
