using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks.ReadCopyUpdate;

/// <summary>Told about grace periods that take too long. In the task that drives them. The part of the kernel that has the log puts an instance into <see cref="Instance"/>.</summary>
public abstract class RcuStallReporter
{
    /// <summary>Who is told; null before the log is up.</summary>
    [Atomic]
    public static RcuStallReporter? Instance { get; set; }

    /// <summary>A CPU has not answered: it has had interrupts off all the time, or does not run.</summary>
    /// <param name="gracePeriod">Number of the grace period.</param>
    /// <param name="nanoseconds">Since when it waits.</param>
    /// <param name="cpu">The CPU.</param>
    /// <param name="running">What runs there.</param>
    [MightSleep]
    public abstract void CpuIsSilent(ulong gracePeriod, ulong nanoseconds, int cpu, TaskStruct running);

    /// <summary>A task is inside a section.</summary>
    /// <param name="gracePeriod">Number of the grace period.</param>
    /// <param name="nanoseconds">Since when it waits.</param>
    /// <param name="task">The task.</param>
    [MightSleep]
    public abstract void TaskIsReading(ulong gracePeriod, ulong nanoseconds, TaskStruct task);
}

/// <summary>Finds out what a grace period waits for.</summary>
internal static class RcuStall
{
    [MightSleep]
    public static void Report(ulong gracePeriod, ulong nanoseconds)
    {
        for (int cpu = 0; cpu < RunQueues.Limit; cpu++)
        {
            if (RunQueues.Get(cpu) is not { } queue)
            {
                continue;
            }

            if (!queue.Readers.Look(gracePeriod).Passed)
            {
                RcuStallReporter.Instance?.CpuIsSilent(gracePeriod, nanoseconds, cpu, queue.Running);
            }

            if (queue.Readers.FirstFor(gracePeriod) is { } task)
            {
                RcuStallReporter.Instance?.TaskIsReading(gracePeriod, nanoseconds, task);
            }
        }
    }
}
