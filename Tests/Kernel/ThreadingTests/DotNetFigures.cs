using System;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Threading;

/// <summary>
/// What .NET's own threading costs here, in instructions under the emulator's instruction counting on one processor. Each is the median of several rounds.
/// They only measure, and fail when an operation does not work at all.
/// </summary>
public static class DotNetFigures
{
    private const int Rounds = 7;

    /// <summary>Locks that nobody else wants.</summary>
    [KernelTest("figure.dotnet.uncontended_locks")]
    public static void Locks()
    {
        object monitor = new();
        Lock gate = new();
        using SemaphoreSlim semaphore = new(1);
        int value = 0;
        Report("monitor_pair", 2000, () =>
        {
            lock (monitor)
            {
                value++;
            }
        });
        Report("lock_pair", 2000, () =>
        {
            lock (gate)
            {
                value++;
            }
        });
        Report("semaphore_slim_pair", 2000, () =>
        {
            semaphore.Wait();
            semaphore.Release();
        });
        using Mutex mutex = new();
        Report("mutex_pair", 500, () =>
        {
            mutex.WaitOne();
            mutex.ReleaseMutex();
        });
        Check.True(value > 0);
    }

    /// <summary>From one thread to another and back.</summary>
    [KernelTest("figure.dotnet.round_trips")]
    public static void RoundTrips()
    {
        Report("task_run_round_trip", 300, () => Task.Run(static () => { }).Wait());
        Report("thread_start_to_join", 50, () =>
        {
            Thread thread = new(static () => { });
            thread.Start();
            thread.Join();
        });
        Hops("event_hop");
        object gate = new();
        int turn = 0;
        const int count = 300;
        Thread other = Support.Start(() => Alternate(1));
        ulong start = Clock.MonotonicNanoseconds;
        Alternate(0);
        Figure("monitor_pulse_hop", (Clock.MonotonicNanoseconds - start) / (2.0 * count));
        Support.Join(other);
        Channel<int> channel = Channel.CreateUnbounded<int>();
        Task<int> reader = Task.Run(async () =>
        {
            int sum = 0;
            await foreach (int item in channel.Reader.ReadAllAsync())
            {
                sum += item;
            }

            return sum;
        });
        Report("channel_item", 1000, () => channel.Writer.TryWrite(1));
        channel.Writer.Complete();
        Check.Equal(1000 * Rounds, reader.Result);

        void Alternate(int me)
        {
            lock (gate)
            {
                for (int i = 0; i < count; i++)
                {
                    while (turn % 2 != me)
                    {
                        Monitor.Wait(gate);
                    }

                    turn++;
                    Monitor.Pulse(gate);
                }
            }
        }
    }

    /// <summary>How much longer than asked for a delay takes: CoreLib's timers have milliseconds.</summary>
    [KernelTest("figure.dotnet.delays")]
    public static void Delays()
    {
        const int milliseconds = 10;
        double late = Median(() =>
        {
            ulong start = Clock.MonotonicNanoseconds;
            Task.Delay(milliseconds).Wait();
            double taken = Clock.MonotonicNanoseconds - start;
            Check.True(taken >= (milliseconds - 1) * 1e6);
            return taken - (milliseconds * 1e6);
        });
        Figure("task_delay_overrun", late);
        double sleep = Median(() =>
        {
            ulong start = Clock.MonotonicNanoseconds;
            Thread.Sleep(milliseconds);
            double taken = Clock.MonotonicNanoseconds - start;
            Check.True(taken >= milliseconds * 1e6);
            return taken - (milliseconds * 1e6);
        });
        Figure("thread_sleep_overrun", sleep);
    }

    /// <summary>
    /// Does CoreLib's one lock for all waits hurt? Pairs of threads hand a signal to and fro, one pair alone and then two for each processor, with .NET's events and with the kernel's
    /// semaphores. If the lock does not matter, both gain alike from more pairs.
    /// </summary>
    [KernelTest("figure.wall.dotnet_waits_of_many_threads")]
    public static void Contention()
    {
        foreach (int pairs in (int[])[1, Environment.ProcessorCount * 2])
        {
            TestRunner.Figure($"figure.wall.dotnet_event_hops.pairs_{pairs}", HopsPerSecond(pairs, static () =>
            {
                AutoResetEvent set = new(false);
                return (() => set.Set(), () => set.WaitOne());
            }), "hops/s");
            TestRunner.Figure($"figure.wall.kernel_semaphore_hops.pairs_{pairs}", HopsPerSecond(pairs, static () =>
            {
                CosmosKernel.Tasks.Waiting.Semaphore units = new("hop", 0);
                return (units.Release, () => units.Wait());
            }), "hops/s");
        }
    }

    private static double HopsPerSecond(int pairs, Func<(Action Set, Action Wait)> make)
    {
        const int milliseconds = 400;
        long hops = 0;
        ulong start = Clock.MonotonicNanoseconds;
        ulong end = start + (milliseconds * 1_000_000ul);
        Support.RunMany(pairs, _ =>
        {
            (Action setPing, Action waitPing) = make();
            (Action setPong, Action waitPong) = make();
            bool stop = false;
            Thread other = Support.Start(() =>
            {
                while (true)
                {
                    waitPing();
                    if (Volatile.Read(ref stop))
                    {
                        return;
                    }

                    setPong();
                }
            });
            long mine = 0;
            while (Clock.MonotonicNanoseconds < end)
            {
                setPing();
                waitPong();
                mine += 2;
            }

            Volatile.Write(ref stop, true);
            setPing();
            Support.Join(other);
            Interlocked.Add(ref hops, mine);
        });
        return hops * 1e9 / (Clock.MonotonicNanoseconds - start);
    }

    private static void Hops(string name)
    {
        const int count = 300;
        using AutoResetEvent ping = new(false);
        using AutoResetEvent pong = new(false);
        Thread other = Support.Start(() =>
        {
            for (int i = 0; i < count; i++)
            {
                ping.WaitOne();
                pong.Set();
            }
        });
        ulong start = Clock.MonotonicNanoseconds;
        for (int i = 0; i < count; i++)
        {
            ping.Set();
            pong.WaitOne();
        }

        Figure(name, (Clock.MonotonicNanoseconds - start) / (2.0 * count));
        Support.Join(other);
    }

    private static void Report(string name, int count, Action operation) => Figure(name, Median(() =>
    {
        ulong start = Clock.MonotonicNanoseconds;
        for (int i = 0; i < count; i++)
        {
            operation();
        }

        return (Clock.MonotonicNanoseconds - start) / (double)count;
    }));

    private static double Median(Func<double> measure)
    {
        double[] values = new double[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            values[i] = measure();
        }

        Array.Sort(values);
        return values[Rounds / 2];
    }

    private static void Figure(string name, double value) => TestRunner.Figure($"figure.dotnet.{name}", value, "ns");
}
