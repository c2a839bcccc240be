using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks.Waiting;

/// <summary>
/// Sleeping on what keeps its own list of who waits, under a lock of its own: futexes, files that are polled. Under that lock, or after it has put itself into the lists, the task
/// calls <see cref="Prepare"/> and looks at its condition; then it calls <see cref="Sleep"/> with no spin lock held, or <see cref="Abandon"/>. Who makes the condition true does so
/// first and calls <see cref="Wake"/> after. A sleep may end without a reason: the condition is looked at again.
/// </summary>
public static class TaskSleep
{
    /// <summary>From here on a wake-up ends the running task's next <see cref="Sleep"/>. A full fence. Task context, spin locks may be held.</summary>
    /// <param name="mode">What else ends the sleep.</param>
    /// <param name="channel">What is waited for, for <c>ps</c>.</param>
    [NoAllocation]
    public static void Prepare(WaitMode mode, string channel) => TaskStruct.Current.PrepareToSleep(mode, channel);

    /// <summary>The condition was true: the running task does not sleep. Any time after <see cref="Prepare"/>.</summary>
    [NoAllocation]
    public static void Abandon() => TaskStruct.Current.SetRunnable();

    /// <summary>Sleeps unless there was a wake-up since <see cref="Prepare"/>. Task context, no spin lock held.</summary>
    /// <param name="deadline">Nanoseconds on the monotonic clock, or <see cref="Scheduler.Never"/>.</param>
    [MightSleep]
    public static void Sleep(ulong deadline) => Scheduler.Sleep(deadline);

    /// <summary>Something was asked of the running task that ends sleeps of this mode.</summary>
    [NoAllocation]
    public static bool MustEnd(WaitMode mode) => TaskStruct.Current.MustEndSleep(mode);

    /// <summary>Takes back a request that ends interruptible sleeps (<see cref="TaskStruct.Interrupt"/>), by the running task once it has seen it; a kill stays.</summary>
    [NoAllocation]
    public static void TakeInterrupt() => TaskStruct.Current.TakeInterrupt();

    /// <summary>Ends the sleep of a task. Any context but NMI; spin locks may be held that come before a task's wake lock.</summary>
    /// <returns>True when this call woke it.</returns>
    [NoAllocation]
    public static bool Wake(TaskStruct task) => WakeUp.Try(task, WakeUp.AnySleep);
}
