using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Processes;

/// <summary>Ends of waits, as system calls are given them.</summary>
public static class WaitClock
{
    /// <summary>The moment of monotonic time that is so many nanoseconds away; the latest there is, when that is too far.</summary>
    /// <param name="nanoseconds">Not negative.</param>
    [NoAllocation]
    public static long After(long nanoseconds)
    {
        long now = (long)Clock.MonotonicNanoseconds;
        return nanoseconds > long.MaxValue - now ? long.MaxValue : now + nanoseconds;
    }

    /// <summary>Sets the end of the running thread's next wait; <see cref="Tasks.Time.SleepDeadline.Clear"/> follows.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="end">Nanoseconds on the clock; null: none.</param>
    /// <param name="isRealtime">The clock is real time, else the monotonic one.</param>
    [NoAllocation]
    public static void Set(UserThread thread, long? end, bool isRealtime)
    {
        if (end is not { } moment)
        {
            thread.Deadline.Set(Scheduler.Never);
        }
        else if (isRealtime)
        {
            thread.Deadline.SetRealtime(moment);
        }
        else
        {
            thread.Deadline.Set((ulong)moment);
        }
    }
}
