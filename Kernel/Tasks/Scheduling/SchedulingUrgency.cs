using System;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// How urgent a task is, in one number that orders waiters and that a waiter lends to the holder of a lock: less is more urgent.
/// The kernel's stopper comes first, then deadline tasks by their absolute deadline, then the 99 real-time priorities; all others are equal and lend nothing,
/// as on Linux: who shares the CPU fairly is served soon enough.
/// </summary>
/// <param name="Key">The number: two bits of kind, then the absolute deadline in nanoseconds or the priority, 0 (highest) to 98.</param>
public readonly record struct SchedulingUrgency(ulong Key) : IComparable<SchedulingUrgency>
{
    private const int KindShift = 62;
    private const ulong ValueMask = (1ul << KindShift) - 1;
    private const ulong DeadlineKind = 1ul << KindShift;
    private const ulong RealTimeKind = 2ul << KindShift;
    private const ulong OrdinaryKind = 3ul << KindShift;

    /// <summary>No more urgent than any other task: lends nothing.</summary>
    public static SchedulingUrgency Ordinary => new(OrdinaryKind);

    /// <summary>The kernel's stopper.</summary>
    public static SchedulingUrgency Stop => new(0);

    /// <summary>True when it lends something.</summary>
    public bool IsUrgent => Key < OrdinaryKind;

    /// <summary>A deadline.</summary>
    internal bool IsDeadline => Key >> KindShift == 1;

    /// <summary>A real-time priority.</summary>
    public bool IsRealTime => Key >> KindShift == 2;

    /// <summary>The absolute deadline, or the priority, 0 to 98.</summary>
    internal ulong Value => Key & ValueMask;

    /// <summary>A deadline task whose runtime must be given by this time on the monotonic clock.</summary>
    public static SchedulingUrgency Deadline(ulong absolute) => new(DeadlineKind | (absolute & ValueMask));

    /// <summary>A real-time task.</summary>
    /// <param name="priority">1 (lowest) to 99.</param>
    public static SchedulingUrgency RealTime(int priority) => new(RealTimeKind | (uint)TaskPriority.FromRealTime(priority));

    /// <summary>Less is more urgent.</summary>
    public int CompareTo(SchedulingUrgency other) => Key.CompareTo(other.Key);

    /// <summary>More urgent.</summary>
    public static bool operator <(SchedulingUrgency left, SchedulingUrgency right) => left.Key < right.Key;

    /// <summary>Less urgent.</summary>
    public static bool operator >(SchedulingUrgency left, SchedulingUrgency right) => left.Key > right.Key;

    /// <summary>At least as urgent.</summary>
    public static bool operator <=(SchedulingUrgency left, SchedulingUrgency right) => left.Key <= right.Key;

    /// <summary>At most as urgent.</summary>
    public static bool operator >=(SchedulingUrgency left, SchedulingUrgency right) => left.Key >= right.Key;
}

/// <summary>
/// What a task waits for that passes its urgency on to who holds it, such as an rt-mutex. The task sets <see cref="TaskStruct.UrgencyLink"/> while it waits there.
/// </summary>
public abstract class UrgencyLink
{
    internal UrgencyLink()
    {
    }

    /// <summary>
    /// The urgency of a task that waits here changed (<see cref="TaskStruct.SetScheduling"/>). Called with no lock held, in the context of who changed it; the task may have
    /// stopped waiting meanwhile, which is to be checked under the lock that guards the waiting. Allocates nothing, throws nothing, does not sleep.
    /// </summary>
    internal abstract void UrgencyChanged(TaskStruct waiter);
}
