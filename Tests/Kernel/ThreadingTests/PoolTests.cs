using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using TaskState = CosmosKernel.Tasks.TaskState;

namespace CosmosKernel.Tests.Threading;

/// <summary><see cref="ThreadPool"/>, <see cref="Timer"/> and <see cref="PeriodicTimer"/>.</summary>
public static class PoolTests
{
    /// <summary>Every item runs once, on threads of the pool.</summary>
    [KernelTest("thread.the_pool_runs_each_item_once")]
    public static void EachOnce()
    {
        const int count = 2000;
        int[] runs = new int[count];
        int foreign = 0;
        using CountdownEvent done = new(count);
        for (int i = 0; i < count; i++)
        {
            ThreadPool.QueueUserWorkItem(
                item =>
                {
                    Interlocked.Increment(ref runs[item]);
                    if (!Thread.CurrentThread.IsThreadPoolThread)
                    {
                        Interlocked.Increment(ref foreign);
                    }

                    done.Signal();
                },
                i,
                preferLocal: (i & 1) == 0);
        }

        Check.True(done.Wait(Support.Patience));
        Check.True(Array.TrueForAll(runs, n => n == 1));
        Check.Equal(0, foreign);
        Check.True(ThreadPool.ThreadCount > 0);
        ThreadPool.GetMinThreads(out int least, out _);
        Check.Equal(Environment.ProcessorCount, least);
    }

    /// <summary>Workers that block are joined by more: items that wait for each other all run at once, more of them than processors.</summary>
    [KernelTest("thread.the_pool_grows_when_workers_block")]
    public static void Grows()
    {
        int count = Environment.ProcessorCount + 3;
        using CountdownEvent all = new(count);
        Task[] tasks = new Task[count];
        for (int i = 0; i < count; i++)
        {
            tasks[i] = Task.Run(() =>
            {
                all.Signal();
                Check.True(all.Wait(Support.Patience));
            });
        }

        Check.True(Task.WaitAll(tasks, Support.Patience));
        Check.True(ThreadPool.ThreadCount >= count);
    }

    /// <summary>A wait that the pool does for others: the callback runs when the handle is set, or when the time is over.</summary>
    [KernelTest("thread.the_pool_waits_for_handles")]
    public static void RegisteredWaits()
    {
        using AutoResetEvent signal = new(false);
        BlockingCollection<bool> calls = [];
        RegisteredWaitHandle registered = ThreadPool.RegisterWaitForSingleObject(signal, (_, timedOut) => calls.Add(timedOut), null, Timeout.Infinite, executeOnlyOnce: false);
        for (int i = 0; i < 3; i++)
        {
            signal.Set();
            Check.True(calls.TryTake(out bool timedOut, Support.Patience));
            Check.False(timedOut);
        }

        registered.Unregister(null);
        using ManualResetEvent never = new(false);
        ThreadPool.RegisterWaitForSingleObject(never, (_, timedOut) => calls.Add(timedOut), null, 10, executeOnlyOnce: true);
        Check.True(calls.TryTake(out bool late, Support.Patience));
        Check.True(late);
    }

    /// <summary>An item that throws ends its worker, as an exception that nobody catches ends any thread; the pool goes on.</summary>
    [KernelTest("thread.the_pool_survives_an_item_that_throws")]
    public static void Survives()
    {
        TaskStruct? worker = null;
        ThreadPool.UnsafeQueueUserWorkItem(
            _ =>
            {
                Volatile.Write(ref worker, KernelTask.Current);
                throw new InvalidOperationException("expected in the log: an item of the pool throws");
            },
            null);
        Support.Until(() => Volatile.Read(ref worker) is { State: >= TaskState.Zombie }, "the worker ends");
        int sum = 0;
        Task[] tasks = new Task[20];
        for (int i = 0; i < tasks.Length; i++)
        {
            tasks[i] = Task.Run(() => Interlocked.Increment(ref sum));
        }

        Check.True(Task.WaitAll(tasks, Support.Patience));
        Check.Equal(20, sum);
    }

    /// <summary>Not before its time, again and again, not after it was stopped; disposal can be waited for.</summary>
    [KernelTest("thread.a_timer_calls_when_it_should")]
    public static void Timers()
    {
        using ManualResetEventSlim called = new();
        long start = Stopwatch.GetTimestamp();
        double after = 0;
        using (Timer once = new(
            _ =>
            {
                after = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                called.Set();
            },
            null,
            30,
            Timeout.Infinite))
        {
            Check.True(called.Wait(Support.Patience));
        }

        // CoreLib's timers count whole milliseconds of the clock.
        Check.InRange(29, Support.Patience, after);

        int ticks = 0;
        using CountdownEvent several = new(5);
        Timer again = new(_ =>
        {
            Interlocked.Increment(ref ticks);
            if (!several.IsSet)
            {
                several.TrySignal();
            }
        });
        again.Change(1, 2);
        Check.True(several.Wait(Support.Patience));
        using ManualResetEvent gone = new(false);
        Check.True(again.Dispose(gone));
        Check.True(gone.WaitOne(Support.Patience));
        int total = Volatile.Read(ref ticks);
        Thread.Sleep(15);
        Check.Equal(total, Volatile.Read(ref ticks));
        Check.False(again.Change(1, 1));
    }

    /// <summary>Many timers at once: each calls, none before its time.</summary>
    [KernelTest("thread.hundreds_of_timers_call")]
    public static void ManyTimers()
    {
        const int count = 300;
        using CountdownEvent all = new(count);
        int early = 0;
        Timer[] timers = new Timer[count];
        for (int i = 0; i < count; i++)
        {
            int due = 5 + (i * 7 % 40);
            long start = Stopwatch.GetTimestamp();
            timers[i] = new Timer(
                _ =>
                {
                    if (Stopwatch.GetElapsedTime(start).TotalMilliseconds < due - 1)
                    {
                        Interlocked.Increment(ref early);
                    }

                    all.Signal();
                },
                null,
                due,
                Timeout.Infinite);
        }

        Check.True(all.Wait(Support.Patience));
        Check.Equal(0, early);
        Array.ForEach(timers, timer => timer.Dispose());
    }

    /// <summary>Ticks come one at a time, end with disposal and with cancellation.</summary>
    [KernelTest("thread.a_periodic_timer_ticks_until_it_is_disposed")]
    public static void Periodic()
    {
        int ticks = 0;
        PeriodicTimer timer = new(TimeSpan.FromMilliseconds(2));
        Task loop = Loop();
        Support.Until(() => Volatile.Read(ref ticks) >= 5, "five ticks");
        timer.Dispose();
        Check.True(loop.Wait(Support.Patience));
        using PeriodicTimer slow = new(TimeSpan.FromHours(1));
        using CancellationTokenSource source = new();
        Task<bool> waiting = slow.WaitForNextTickAsync(source.Token).AsTask();
        Check.Throws<InvalidOperationException>(() => slow.WaitForNextTickAsync().AsTask());
        source.Cancel();
        Check.True(Check.Throws<AggregateException>(() => waiting.Wait()).InnerException is OperationCanceledException);

        async Task Loop()
        {
            while (await timer.WaitForNextTickAsync())
            {
                Interlocked.Increment(ref ticks);
            }
        }
    }

    private static void TrySignal(this CountdownEvent countdown)
    {
        try
        {
            countdown.Signal();
        }
        catch (InvalidOperationException)
        {
            // Open already: another call was faster.
        }
    }
}
