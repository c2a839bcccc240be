using System;
using System.Runtime.ExceptionServices;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Modules.Testing;

/// <summary>Runs parts of a test in tasks of their own. What one of them throws, a failed check too, comes out of the call when all have ended.</summary>
public static class TestTasks
{
    /// <summary>Tasks that are there, without the threads of .NET's pool, which come and go by themselves. Takes time in proportion to their number.</summary>
    public static int Count
    {
        get
        {
            int count = 0;
            for (TaskStruct? task = TaskTable.Next(0); task is not null; task = TaskTable.Next(task.Pid))
            {
                count += task.IsRuntimeThread ? 0 : 1;
            }

            return count;
        }
    }

    /// <summary>Runs the body once on each CPU that schedules, all at once, in a task that is bound to that CPU. Task context.</summary>
    /// <param name="body">Gets the CPU's number.</param>
    [MightSleep]
    public static void OnEveryCpu(Action<int> body)
    {
        CpuSet online = RunQueues.Online;
        int[] cpus = new int[online.Count];
        int count = 0;
        for (int cpu = online.First; cpu >= 0; cpu = online.Next(cpu))
        {
            cpus[count++] = cpu;
        }

        Run(count, i => new TaskOptions { Name = $"on-cpu-{cpus[i]}", Affinity = CpuSet.Of(cpus[i]) }, i => body(cpus[i]));
    }

    /// <summary>Runs a number of tasks at once and waits for all of them. Task context.</summary>
    /// <param name="count">How many.</param>
    /// <param name="options">What each is to be; gets its number from 0 on.</param>
    /// <param name="body">What each does; gets its number.</param>
    [MightSleep]
    public static void Run(int count, Func<int, TaskOptions> options, Action<int> body)
    {
        ExceptionDispatchInfo? failure = null;
        var tasks = new TaskStruct[count];
        for (int i = 0; i < count; i++)
        {
            int me = i;
            tasks[i] = KernelTask.Start(options(i), () =>
            {
                try
                {
                    body(me);
                }
                catch (Exception thrown) when (thrown is not TaskKilledException)
                {
                    Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(thrown), null);
                }
            });
        }

        foreach (TaskStruct task in tasks)
        {
            task.Join();
        }

        failure?.Throw();
    }
}
