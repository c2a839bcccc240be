using System;
using System.Collections.Concurrent;
using System.Threading;
using System.Threading.Tasks;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Scheduling;

// .NET's threads on kernel tasks.
public sealed partial class SchedulerTests
{
    /// <summary>.NET threads run, are joined, and exclude each other with <c>lock</c>.</summary>
    [KernelTest("thread.dotnet_threads_lock_and_join")]
    public static void DotNetThreadsLockAndJoin()
    {
        object gate = new();
        int counted = 0;
        Thread[] threads = new Thread[4];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(() =>
            {
                for (int k = 0; k < 5_000; k++)
                {
                    lock (gate)
                    {
                        counted++;
                    }
                }
            });
            threads[i].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Check.Equal(20_000, counted);
    }

    /// <summary><c>Monitor.Wait</c> and <c>Pulse</c> pass items from one thread to another.</summary>
    [KernelTest("thread.dotnet_monitor_waits_and_pulses")]
    public static void DotNetMonitorWaitsAndPulses()
    {
        object gate = new();
        int item = 0;
        long sum = 0;
        Thread consumer = new(() =>
        {
            for (int i = 1; i <= 300; i++)
            {
                lock (gate)
                {
                    while (item == 0)
                    {
                        Monitor.Wait(gate);
                    }

                    sum += item;
                    item = 0;
                    Monitor.Pulse(gate);
                }
            }
        });
        consumer.Start();
        for (int i = 1; i <= 300; i++)
        {
            lock (gate)
            {
                while (item != 0)
                {
                    Monitor.Wait(gate);
                }

                item = i;
                Monitor.Pulse(gate);
            }
        }

        consumer.Join();
        Check.Equal(45_150L, sum);
    }

    /// <summary>The thread pool, <c>async</c> and <c>Task.Delay</c> work.</summary>
    [KernelTest("thread.dotnet_tasks_and_delays")]
    public static void DotNetTasksAndDelays()
    {
        ConcurrentBag<int> bag = [];
        Task[] tasks = new Task[20];
        for (int i = 0; i < tasks.Length; i++)
        {
            int me = i;
            tasks[i] = Task.Run(async () =>
            {
                await Task.Delay(me % 5).ConfigureAwait(false);
                bag.Add(me);
            });
        }

        Check.True(Task.WaitAll(tasks, 120_000));
        Check.Equal(20, bag.Count);
    }

    /// <summary>A .NET timer calls back again and again.</summary>
    [KernelTest("thread.dotnet_timer_calls_back")]
    public static void DotNetTimerCallsBack()
    {
        using CountdownEvent calls = new(3);
        using Timer timer = new(_ =>
        {
            if (!calls.IsSet)
            {
                calls.Signal();
            }
        }, null, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(5));
        Check.True(calls.Wait(120_000));
    }
}
