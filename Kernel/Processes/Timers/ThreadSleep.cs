using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Processes;

/// <summary>Sleeps of threads for their own sake (clock_nanosleep(2)).</summary>
public static class ThreadSleep
{
    // How often a CPU-time clock is looked at when its moment is near, in nanoseconds.
    private const ulong CpuClockStep = 1_000_000;

    private const string Channel = "nanosleep";

    /// <summary>Sleeps until a moment.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="end">Nanoseconds on the clock.</param>
    /// <param name="isRealtime">The clock is real time, else the monotonic one.</param>
    /// <returns>False: a signal came before.</returns>
    [MightSleep]
    public static bool TryUntil(UserThread thread, long end, bool isRealtime)
    {
        WaitClock.Set(thread, end, isRealtime);
        bool passed = false;
        bool interrupted = false;
        while (!passed && !interrupted)
        {
            TaskSleep.Prepare(WaitMode.Interruptible, Channel);
            passed = thread.Deadline.HasPassed;
            interrupted = TaskSleep.MustEnd(WaitMode.Interruptible);
            if (passed || interrupted)
            {
                TaskSleep.Abandon();
            }
            else
            {
                TaskSleep.Sleep(thread.Deadline.Monotonic);
            }
        }

        thread.Deadline.Clear();
        return passed;
    }

    /// <summary>Sleeps until a CPU-time clock has reached a value.</summary>
    /// <returns>False: a signal came before.</returns>
    [MightSleep]
    public static bool TryUntil(UserThread thread, in CpuClock clock, ulong end)
    {
        ulong now = clock.Read();
        while (now < end)
        {
            // All the process's threads may use CPU time at once, so the moment may come that much sooner.
            ulong least = (end - now) / (ulong)Math.Max(1, Math.Min(clock.Process.ThreadCount, Machine.Cpus.Cpu.Count));
            if (!TryUntil(thread, WaitClock.After((long)Math.Min(Math.Max(least, CpuClockStep), long.MaxValue)), isRealtime: false))
            {
                return false;
            }

            now = clock.Read();
        }

        return true;
    }
}
