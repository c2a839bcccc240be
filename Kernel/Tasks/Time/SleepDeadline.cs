using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tasks.Time;

/// <summary>
/// The end of a task's wait, as a moment of the monotonic clock or of real time. While it is one of real time, setting the clock wakes the task, which then asks
/// <see cref="Monotonic"/> again. Each task has one of its own. A wait looks like
/// <code>
/// deadline.Set(realtime, nanoseconds);
/// ... TaskSleep.Prepare, look at the condition, TaskSleep.Sleep(deadline.Monotonic), until the condition holds or deadline.HasPassed ...
/// deadline.Clear();
/// </code>
/// </summary>
[NoAllocation]
public sealed class SleepDeadline : RealtimeWatcher
{
    [Protocol("Written by the task before the watch begins, which orders it before OnClockSet.")]
    private TaskStruct? _task;

    [TaskPrivate]
    private bool _isRealtime;

    [TaskPrivate]
    private long _realtime;

    [TaskPrivate]
    private ulong _monotonic = Scheduler.Never;

    /// <summary>The moment in nanoseconds on the monotonic clock, or <see cref="Scheduler.Never"/>.</summary>
    public ulong Monotonic => _isRealtime ? RealtimeClock.ToMonotonic(_realtime) : _monotonic;

    /// <summary>It has passed.</summary>
    public bool HasPassed => Monotonic is var end && end != Scheduler.Never && Machine.Time.Clock.MonotonicNanoseconds >= end;

    /// <summary>A moment of the monotonic clock, in nanoseconds, or <see cref="Scheduler.Never"/>.</summary>
    public void Set(ulong monotonic)
    {
        _isRealtime = false;
        _monotonic = monotonic;
    }

    /// <summary>A moment of real time, in nanoseconds since 1970. <see cref="Clear"/> follows.</summary>
    public void SetRealtime(long nanoseconds)
    {
        _isRealtime = true;
        _realtime = nanoseconds;
        _task = TaskStruct.Current;
        RealtimeClock.Watch(this);
    }

    /// <summary>The wait is over.</summary>
    public void Clear()
    {
        if (_isRealtime)
        {
            _isRealtime = false;
            RealtimeClock.Unwatch(this);
        }

        _monotonic = Scheduler.Never;
    }

    /// <inheritdoc/>
    [InterruptContext]
    protected internal override void OnClockSet() => TaskSleep.Wake(_task!);
}
