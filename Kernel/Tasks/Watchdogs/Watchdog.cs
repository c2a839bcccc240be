using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks.Watchdogs;

/// <summary>What finds CPUs and tasks that do not go on, and names the culprit with its stack; docs/watchdogs.md.</summary>
public static class Watchdog
{
    /// <summary>Seconds with interrupts off that make a hard lockup, if nothing else is said; a soft lockup takes twice as long. Linux's.</summary>
    public const int DefaultThreshold = 10;

    private const ulong Second = 1_000_000_000;

    /// <summary>Starts the watchdogs. Once, at boot, in task context, after the other CPUs have started.</summary>
    /// <param name="thresholdSeconds">Seconds that make a hard lockup; 0 for no watchdog of CPUs.</param>
    /// <param name="softIsPanic">A soft lockup is a panic.</param>
    /// <param name="hardIsPanic">A hard lockup is a panic.</param>
    /// <param name="hungTaskSeconds">Seconds of an uninterruptible sleep that are reported; 0 for none.</param>
    [BeforePublication]
    [MightSleep]
    public static void Start(int thresholdSeconds, bool softIsPanic, bool hardIsPanic, int hungTaskSeconds)
    {
        LockupReport.SoftIsPanic = softIsPanic;
        LockupReport.HardIsPanic = hardIsPanic;
        if (thresholdSeconds > 0)
        {
            StartCpuWatchdogs((ulong)thresholdSeconds * Second);
        }

        if (hungTaskSeconds > 0)
        {
            HungTaskDetector.Start(hungTaskSeconds);
        }
    }

    [BeforePublication]
    private static void StartCpuWatchdogs(ulong threshold)
    {
        CpuSet online = RunQueues.Online;
        CpuWatchdog? first = null;
        CpuWatchdog? last = null;
        for (int cpu = online.First; cpu >= 0; cpu = online.Next(cpu))
        {
            CpuWatchdog watchdog = new(RunQueues.Get(cpu)!, threshold);
            if (last is not null)
            {
                last.Next = watchdog;
            }

            first ??= watchdog;
            last = watchdog;
        }

        if (!ReferenceEquals(first, last))
        {
            last!.Next = first;
        }

        CpuWatchdog? at = first;
        for (int cpu = online.First; cpu >= 0 && at is not null; cpu = online.Next(cpu))
        {
            CpuWatchdog watchdog = at;
            KernelTask.Start(new TaskOptions { Name = "watchdog start", Affinity = CpuSet.Of(cpu) }, watchdog.Begin).Join();
            at = watchdog.Next;
        }
    }
}
