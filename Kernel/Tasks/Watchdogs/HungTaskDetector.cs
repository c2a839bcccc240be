using System;
using System.Text;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Runtime;

namespace CosmosKernel.Tasks.Watchdogs;

/// <summary>A task that looks at all others from time to time: one that has slept uninterruptibly since a look that is longer ago than the limit is reported once, with its stack.</summary>
internal static class HungTaskDetector
{
    private const ulong Second = 1_000_000_000;
    private const int MostFrames = 24;

    /// <summary>Starts the task. Once, at boot.</summary>
    /// <param name="seconds">The limit.</param>
    [MightSleep]
    public static void Start(int seconds)
    {
        ulong limit = (ulong)seconds * Second;
        KernelTask.Start(new TaskOptions { Name = "khungtaskd", Detached = true }, () => Watch(limit));
    }

    private static void Watch(ulong limit)
    {
        while (true)
        {
            KernelTask.Sleep(limit / 2);
            for (TaskStruct? task = TaskTable.Next(0); task is not null; task = TaskTable.Next(task.Pid))
            {
                Look(task, limit, Clock.MonotonicNanoseconds);
            }
        }
    }

    private static void Look(TaskStruct task, ulong limit, ulong now)
    {
        long switches = task.VoluntarySwitches + task.InvoluntarySwitches;
        bool sleeps = task.State is TaskState.Uninterruptible or TaskState.Killable;
        if (!sleeps || task.WatchedSwitches != switches)
        {
            task.WatchedSwitches = switches;
            task.WatchedSince = now;
            task.IsReportedHung = false;
        }
        else if (!task.IsReportedHung && now - task.WatchedSince >= limit)
        {
            task.IsReportedHung = true;
            Report(task, (now - task.WatchedSince) / Second);
        }
    }

    private static void Report(TaskStruct task, ulong seconds)
    {
        Span<ulong> addresses = stackalloc ulong[MostFrames];
        int frames = TaskStacks.Capture(task, addresses);
        EarlyConsole.WriteLine(Encoding.UTF8.GetBytes($"INFO: task {task.Name}:{task.Pid} blocked for more than {seconds} seconds, on {task.WaitChannel}"));
        for (int i = 0; i < frames; i++)
        {
            SymbolWriter.WriteFrame(addresses[i]);
        }
    }
}
