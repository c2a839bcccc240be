using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Runtime;

/// <summary>.NET's threads, tasks and timers on kernel tasks.</summary>
public static class ThreadTests
{
    // After this many milliseconds something has got stuck: hosts may stop a virtual CPU for seconds.
    private const int Patience = 120_000;

    [ThreadStatic]
    private static int t_value;

    [KernelTest("runtime.thread.a_thread_runs_and_is_joined")]
    public static void StartAndJoin()
    {
        int result = 0;
        var thread = new Thread(() => result = 42) { Name = "worker" };
        thread.Start();
        Check.True(thread.Join(Patience));
        Check.Equal(42, result);
        Check.False(thread.IsAlive);
    }

    [KernelTest("runtime.thread.thread_statics_are_each_threads_own")]
    public static void ThreadStatics()
    {
        t_value = 1;
        int seen = -1;
        Run(() =>
        {
            seen = t_value;
            t_value = 2;
        });
        Check.Equal(0, seen);
        Check.Equal(1, t_value);
    }

    [KernelTest("runtime.thread.an_unhandled_exception_ends_only_its_thread")]
    public static void Unhandled()
    {
        bool finallyRan = false;
        var thread = new Thread(() =>
        {
            try
            {
                throw new InvalidOperationException("expected in the log: nobody catches this");
            }
            finally
            {
                finallyRan = true;
            }
        });
        thread.Start();
        Check.True(thread.Join(Patience));
        Check.False(finallyRan);
    }

    [KernelTest("runtime.thread.a_lock_is_exclusive_between_threads")]
    public static void Exclusive()
    {
        object gate = new();
        int count = 0;
        int inside = 0;
        bool overlapped = false;
        void Work()
        {
            for (int i = 0; i < 1000; i++)
            {
                lock (gate)
                {
                    overlapped |= inside++ != 0;
                    count++;
                    inside--;
                }
            }
        }

        Run(Work, Work, Work, Work);
        Check.Equal(4000, count);
        Check.False(overlapped);
    }

    [KernelTest("runtime.thread.wait_and_pulse_hand_over")]
    public static void WaitAndPulse()
    {
        object gate = new();
        var queue = new Queue<int>();
        int sum = 0;
        void Consume()
        {
            for (int i = 0; i < 100; i++)
            {
                lock (gate)
                {
                    while (queue.Count == 0)
                    {
                        _ = Monitor.Wait(gate);
                    }

                    sum += queue.Dequeue();
                }
            }
        }

        void Produce()
        {
            for (int i = 1; i <= 100; i++)
            {
                lock (gate)
                {
                    queue.Enqueue(i);
                    Monitor.Pulse(gate);
                }
            }
        }

        Run(Consume, Produce);
        Check.Equal(5050, sum);
    }

    [KernelTest("runtime.thread.events_and_semaphores")]
    public static void Events()
    {
        using var go = new ManualResetEventSlim();
        using var done = new AutoResetEvent(false);
        using var slots = new SemaphoreSlim(2);
        int most = 0;
        int running = 0;
        Check.False(done.WaitOne(1));
        Action[] workers = Enumerable.Repeat<Action>(
            () =>
            {
                go.Wait();
                slots.Wait();
                int now = Interlocked.Increment(ref running);
                InterlockedMax(ref most, now);
                Thread.Yield();
                _ = Interlocked.Decrement(ref running);
                _ = slots.Release();
            },
            4).ToArray();
        Thread[] threads = Start(workers);
        go.Set();
        Join(threads);
        Check.InRange(1, 2, most);
    }

    [KernelTest("runtime.thread.exceptions_in_four_threads_at_once")]
    public static void ExceptionsInParallel()
    {
        int caught = 0;
        void Work()
        {
            for (int i = 0; i < 500; i++)
            {
                try
                {
                    try
                    {
                        throw new InvalidOperationException();
                    }
                    finally
                    {
                        _ = Interlocked.Increment(ref caught);
                    }
                }
                catch (InvalidOperationException)
                {
                    _ = Interlocked.Increment(ref caught);
                }
            }
        }

        Run(Work, Work, Work, Work);
        Check.Equal(4000, caught);
    }

    [KernelTest("runtime.task.run_await_and_combine")]
    public static void Tasks()
    {
        static async Task<int> Square(int n)
        {
            await Task.Yield();
            return n * n;
        }

        Task<int>[] all = [Square(1), Square(2), Square(3), Task.Run(() => 4)];
        Check.True(Task.WaitAll(all, Patience));
        Check.Equal(18, all.Sum(t => t.Result));
    }

    [KernelTest("runtime.task.an_exception_comes_out_of_await")]
    public static void AwaitException()
    {
        static async Task Fail()
        {
            await Task.Yield();
            throw new FormatException("async");
        }

        static async Task<string> Outer()
        {
            try
            {
                await Fail();
                return "none";
            }
            catch (FormatException e)
            {
                return e.Message;
            }
        }

        Check.Equal("async", Outer().GetAwaiter().GetResult());
    }

    [KernelTest("runtime.task.delay_waits_at_least_its_time")]
    public static void Delay()
    {
        long start = Environment.TickCount64;
        Task.Delay(50).Wait();
        Check.True(Environment.TickCount64 - start + 1 >= 50, "it waited");
    }

    [KernelTest("runtime.task.a_timer_ticks")]
    public static void Timers()
    {
        using var ticked = new CountdownEvent(3);
        using var timer = new Timer(
            _ =>
            {
                if (!ticked.IsSet)
                {
                    _ = ticked.Signal();
                }
            },
            null,
            5,
            5);
        Check.True(ticked.Wait(Patience));
    }

    [KernelTest("runtime.task.parallel_loops_cover_every_index_once")]
    public static void ParallelLoops()
    {
        int[] hits = new int[1000];
        _ = Parallel.For(0, hits.Length, i => Interlocked.Increment(ref hits[i]));
        Check.True(hits.All(h => h == 1));
        Check.Equal(499500, Enumerable.Range(0, 1000).AsParallel().Sum());
    }

    [KernelTest("runtime.task.cancellation")]
    public static void Cancellation()
    {
        using var source = new CancellationTokenSource();
        Task waiting = Task.Delay(Timeout.Infinite, source.Token);
        source.Cancel();
        AggregateException e = Check.Throws<AggregateException>(() => waiting.Wait(Patience));
        Check.True(e.InnerException is TaskCanceledException);
    }

    [KernelTest("runtime.task.concurrent_collections")]
    public static void ConcurrentCollections()
    {
        var bag = new ConcurrentQueue<int>();
        using var block = new BlockingCollection<int>(bag, 4);
        int sum = 0;
        Run(
            () =>
            {
                for (int i = 1; i <= 50; i++)
                {
                    block.Add(i);
                }

                block.CompleteAdding();
            },
            () =>
            {
                foreach (int n in block.GetConsumingEnumerable())
                {
                    sum += n;
                }
            });
        Check.Equal(1275, sum);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }

    private static void Run(params Action[] actions) => Join(Start(actions));

    private static Thread[] Start(Action[] actions)
    {
        Thread[] threads = Array.ConvertAll(actions, a => new Thread(() => a()));
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        return threads;
    }

    private static void Join(Thread[] threads)
    {
        foreach (Thread thread in threads)
        {
            Check.True(thread.Join(Patience), "the thread ends");
        }
    }
}
