using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// A circular list through <see cref="SchedulingEntity.Next"/> and <see cref="SchedulingEntity.Previous"/>: all operations O(1), nothing is allocated.
/// The head is served first; rotation makes the head the last one with a single store. The owner's lock guards it.
/// </summary>
[RequiresLock(typeof(RunQueue), nameof(RunQueue.Lock))]
public struct EntityRing
{
    /// <summary>The first entity, or null when the ring is empty.</summary>
    public SchedulingEntity? Head { get; private set; }

    /// <summary>True when there is no entity.</summary>
    public readonly bool IsEmpty => Head is null;

    /// <summary>True when there is exactly one entity.</summary>
    public readonly bool IsSingle => Head is { } head && ReferenceEquals(head.Next, head);

    /// <summary>Adds an entity that is in no ring, as the last one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddLast(SchedulingEntity entity)
    {
        SchedulingEntity? head = Head;
        if (head is null)
        {
            entity.Next = entity;
            entity.Previous = entity;
            Head = entity;
            return;
        }

        SchedulingEntity last = head.Previous!;
        entity.Next = head;
        entity.Previous = last;
        last.Next = entity;
        head.Previous = entity;
    }

    /// <summary>Adds an entity that is in no ring, as the first one.</summary>
    public void AddFirst(SchedulingEntity entity)
    {
        AddLast(entity);
        Head = entity;
    }

    /// <summary>Adds an entity that is in no ring, behind the first one. The ring is not empty.</summary>
    public void AddSecond(SchedulingEntity entity)
    {
        SchedulingEntity head = Head!;
        AddLast(entity);
        if (ReferenceEquals(head.Next, entity))
        {
            return;
        }

        // From the end to behind the head.
        Remove(entity);
        SchedulingEntity next = head.Next!;
        entity.Next = next;
        entity.Previous = head;
        head.Next = entity;
        next.Previous = entity;
    }

    /// <summary>Takes an entity of this ring out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Remove(SchedulingEntity entity)
    {
        SchedulingEntity next = entity.Next!;
        if (ReferenceEquals(next, entity))
        {
            Head = null;
        }
        else
        {
            SchedulingEntity previous = entity.Previous!;
            previous.Next = next;
            next.Previous = previous;
            if (ReferenceEquals(Head, entity))
            {
                Head = next;
            }
        }

        entity.Next = null;
        entity.Previous = null;
    }

    /// <summary>Makes the head the last one. The ring is not empty.</summary>
    public void Rotate() => Head = Head!.Next;
}
