using System.Runtime.InteropServices;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Locking.Queues;

/// <summary>What can be in an <see cref="MpscQueue{T}"/>: in one at a time.</summary>
public abstract class MpscNode
{
    [Atomic]
    internal MpscNode? Next;
}

/// <summary>
/// An unbounded queue with any number of producers and one consumer at a time. Elements carry their own link, so nothing is ever allocated. Adding is one atomic exchange and never waits or
/// repeats; any context but NMI. Elements of one producer come out in its order.
/// </summary>
/// <remarks>
/// Between a producer's exchange and its next store the list has a gap: what comes after it cannot be taken until that producer has gone on. The consumer then finds nothing
/// (<see cref="TryDequeue"/> returns false) and does not wait; <see cref="IsEmpty"/> says that there is something. Producers that wake the consumer after adding lose nothing by that.
/// <para>
/// No compare-and-exchange decides by an element's identity, but for the one by which the consumer's side adds its own stub; an element that was taken and added again meanwhile cannot be
/// mistaken for its former self (ABA): producers exchange unconditionally, and links are followed by the one consumer only. An element may be added again as soon as it was taken.
/// </para>
/// Idea: Vyukov, "Intrusive MPSC node-based queue" (1024cores.net).
/// </remarks>
/// <typeparam name="T">The elements' class.</typeparam>
[NoAllocation]
public sealed class MpscQueue<T>
    where T : MpscNode
{
    private readonly Stub _stub = new();
    [Protocol("One end is the consumer's, the other one is exchanged by producers.")]
    private MpscEnds _ends;

    /// <summary>Makes an empty queue. Task context.</summary>
    public MpscQueue()
    {
        _ends.First = _stub;
        _ends.Last = _stub;
    }

    /// <summary>Nothing was added that has not been taken. The consumer; outdated at once.</summary>
    public bool IsEmpty => ReferenceEquals(_ends.First, _stub) && ReferenceEquals(Volatile.Read(ref _ends.Last), _stub);

    /// <summary>Adds an element at the end. Any producer.</summary>
    /// <param name="element">It is in no queue.</param>
    public void Enqueue(T element) => Append(element);

    /// <summary>Takes the first element. The consumer.</summary>
    /// <returns>Null when there is none, or when its producer has not finished adding one that comes before all others.</returns>
    public T? TryDequeue()
    {
        MpscNode first = _ends.First;

        // Acquire: pairs with the release in Append; what the producer wrote into the element is seen with it.
        MpscNode? next = Volatile.Read(ref first.Next);
        if (ReferenceEquals(first, _stub))
        {
            if (next is null)
            {
                return null;
            }

            _ends.First = next;
            first = next;
            next = Volatile.Read(ref first.Next);
        }

        if (next is null)
        {
            // The element seems to be the last one. It can be taken only when something comes after it, so that producers have something to link to.
            if (!ReferenceEquals(first, Volatile.Read(ref _ends.Last)))
            {
                return null;
            }

            Append(_stub);
            next = Volatile.Read(ref first.Next);
            if (next is null)
            {
                // A producer came before the stub and has not linked its element yet.
                return null;
            }
        }

        _ends.First = next;
        return (T)first;
    }

    private void Append(MpscNode node)
    {
        Volatile.Write(ref node.Next, null);

        // A full fence: the element's contents are seen before it. The order of these exchanges is the order of the queue.
        MpscNode previous = Interlocked.Exchange(ref _ends.Last, node);

        // Release: pairs with the acquire in TryDequeue. Until here the list ends at `previous`.
        Volatile.Write(ref previous.Next, node);
    }

    private sealed class Stub : MpscNode;
}

/// <summary>Consumer and producers write different cache lines.</summary>
[StructLayout(LayoutKind.Explicit, Size = 3 * CacheLine.Bytes)]
internal struct MpscEnds
{
    [FieldOffset(CacheLine.Bytes)]
    [Protocol("Used by the one consumer only.")]
    public MpscNode First;

    [FieldOffset(2 * CacheLine.Bytes)]
    [Atomic]
    public MpscNode Last;
}
