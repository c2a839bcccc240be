using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tests.Threading;

/// <summary>
/// Everything at once, on all processors, while objects are allocated and collected, tasks are moved between processors, and waits are interrupted and killed. Each part
/// has an invariant that one lost wake-up, one doubled item or one broken exclusion would break, and all must make progress.
/// </summary>
public static class TortureTests
{
    private const ulong Second = 1_000_000_000;
    private const int Accounts = 8;
    private const int Opening = 1000;

    /// <summary>Two seconds of it.</summary>
    [KernelTest("thread.dotnet_torture")]
    public static void Short() => Run(2 * Second);

    /// <summary>As long as one likes: <c>soak.seconds=N</c> on the boot line; 5 seconds otherwise.</summary>
    [KernelTest("soak.dotnet_threading")]
    public static void Long() => Run((ulong)KernelOptions.GetNumber("soak.seconds", 5, 1, int.MaxValue) * Second);

    private static void Run(ulong duration)
    {
        var torture = new Torture(Clock.MonotonicNanoseconds + duration);
        Action[] parts =
        [
            torture.Transfer, torture.Transfer, torture.Transfer, torture.Transfer,
            torture.Channels, torture.Cancel, torture.StartThreads, torture.InterruptAndKill, torture.Allocate, torture.Allocate,
        ];
        Support.RunAll(parts);
        torture.Verify();
    }

    private sealed class Torture(ulong end)
    {
        [Immutable]
        private readonly object[] _locks = Array.ConvertAll(new object[Accounts], _ => new object());

        [Protocol("An account is guarded by the lock of the same index; all are read when the threads have ended.")]
        private readonly long[] _balances = Array.ConvertAll(new long[Accounts], _ => (long)Opening);

        [Atomic]
        private long _transfers;

        [Atomic]
        private long _items;

        [Atomic]
        private long _cancelled;

        [Atomic]
        private long _threads;

        [Atomic]
        private long _interrupted;

        [Atomic]
        private long _killed;

        [Atomic]
        private long _allocated;

        private bool GoOn => Clock.MonotonicNanoseconds < end;

        public void Verify()
        {
            long sum = 0;
            foreach (long balance in _balances)
            {
                sum += balance;
            }

            Check.Equal((long)Accounts * Opening, sum, "money in all accounts");
            Check.True(
                Progressed(ref _transfers) && Progressed(ref _items) && Progressed(ref _cancelled) && Progressed(ref _threads)
                && Progressed(ref _interrupted) && Progressed(ref _killed) && Progressed(ref _allocated),
                "every part makes progress");

            static bool Progressed(ref long count) => Interlocked.Read(ref count) > 0;
        }

        // Two monitors at a time, in order; waits for money with Monitor.Wait.
        public void Transfer()
        {
            var random = new Random(Environment.CurrentManagedThreadId);
            do
            {
                int from = random.Next(Accounts);
                int to = (from + 1 + random.Next(Accounts - 1)) % Accounts;
                int amount = random.Next(Opening / 4);
                lock (_locks[Math.Min(from, to)])
                {
                    lock (_locks[Math.Max(from, to)])
                    {
                        if (_balances[from] >= amount)
                        {
                            _balances[from] -= amount;
                            if (random.Next(8) == 0)
                            {
                                Thread.Yield();
                            }

                            _balances[to] += amount;
                        }
                    }
                }

                Interlocked.Increment(ref _transfers);
                if (random.Next(64) == 0)
                {
                    Migrate(random);
                }
            }
            while (GoOn);
        }

        // Everything that was written is read, once, in the order of its writer.
        public void Channels()
        {
            do
            {
                Channel<int> channel = Channel.CreateBounded<int>(4);
                Task write = Task.Run(async () =>
                {
                    for (int i = 0; i < 200; i++)
                    {
                        await channel.Writer.WriteAsync(i);
                    }

                    channel.Writer.Complete();
                });
                int next = 0;
                Task read = Task.Run(async () =>
                {
                    await foreach (int item in channel.Reader.ReadAllAsync())
                    {
                        Check.Equal(next++, item);
                    }
                });
                Check.True(Task.WaitAll([write, read], Support.Patience), "a channel gets through");
                Check.Equal(200, next);
                Interlocked.Add(ref _items, next);
            }
            while (GoOn);
        }

        // Each delay ends: by its time or by its token, and says which. With this seed the first one has no time.
        public void Cancel()
        {
            var random = new Random(1);
            do
            {
                using CancellationTokenSource source = new();
                Task[] delays = new Task[8];
                for (int i = 0; i < delays.Length; i++)
                {
                    delays[i] = Task.Delay(random.Next(4) == 0 ? Timeout.Infinite : random.Next(3), source.Token);
                }

                Task all = Task.WhenAll(delays);
                source.CancelAfter(random.Next(3));
                try
                {
                    Check.True(all.Wait(Support.Patience), "all delays end");
                }
                catch (AggregateException)
                {
                    Check.True(all.IsCanceled);
                }

                foreach (Task delay in delays)
                {
                    Check.True(delay.IsCanceled || delay.IsCompletedSuccessfully);
                    if (delay.IsCanceled)
                    {
                        Interlocked.Increment(ref _cancelled);
                    }
                }

            }
            while (GoOn);
        }

        // Threads of every priority come and go.
        public void StartThreads()
        {
            var random = new Random(2);
            do
            {
                int ran = 0;
                Thread[] threads = new Thread[6];
                for (int i = 0; i < threads.Length; i++)
                {
                    threads[i] = new Thread(() => Interlocked.Increment(ref ran), 64 * 1024) { Priority = (ThreadPriority)random.Next(5) };
                    threads[i].Start();
                }

                Array.ForEach(threads, Support.Join);
                Check.Equal(threads.Length, ran);
                Interlocked.Add(ref _threads, ran);
            }
            while (GoOn);
        }

        // Waits that end by force, at random moments, leave monitor and semaphore whole.
        public void InterruptAndKill()
        {
            var random = new Random(3);
            object gate = new();
            using SemaphoreSlim semaphore = new(0);
            do
            {
                bool ended = false;
                Thread interrupted = Support.Start(() =>
                {
                    try
                    {
                        while (true)
                        {
                            lock (gate)
                            {
                                Monitor.Wait(gate);
                            }
                        }
                    }
                    catch (ThreadInterruptedException)
                    {
                        ended = true;
                    }
                });
                TaskStruct killed = KernelTask.Start("to be killed", () => semaphore.Wait());
                Thread.SpinWait(random.Next(5000));
                interrupted.Interrupt();
                Check.True(killed.Kill());
                Support.Join(interrupted);
                Check.True(ended);
                Check.Equal(TaskExitReason.Killed, killed.Join().Reason);
                Check.True(Monitor.TryEnter(gate, Support.Patience), "nobody keeps the lock");
                Monitor.PulseAll(gate);
                Monitor.Exit(gate);
                semaphore.Release();
                Check.True(semaphore.Wait(0), "nobody takes a unit after its end");
                Interlocked.Increment(ref _interrupted);
                Interlocked.Increment(ref _killed);
            }
            while (GoOn);
        }

        // Pressure: linked objects that live for a while, and a collection now and then.
        public void Allocate()
        {
            var random = new Random(Environment.CurrentManagedThreadId);
            List<int[]> kept = [];
            do
            {
                int[] values = new int[random.Next(1, 200)];
                values[0] = values.Length;
                kept.Add(values);
                if (kept.Count > 500)
                {
                    int[] checkedOne = kept[random.Next(kept.Count)];
                    Check.Equal(checkedOne.Length, checkedOne[0]);
                    kept.RemoveRange(0, random.Next(kept.Count));
                }

                if (Interlocked.Increment(ref _allocated) % 20_000 == 0)
                {
                    GC.Collect();
                }
            }
            while (GoOn);
        }

        private static void Migrate(Random random)
        {
            CpuSet online = RunQueues.Online;
            int cpu = online.First;
            for (int hops = random.Next(online.Count); hops > 0; hops--)
            {
                cpu = online.Next(cpu);
            }

            KernelTask.Current.SetAffinity(CpuSet.Of(cpu));
            KernelTask.Current.SetAffinity(CpuSet.All);
        }
    }
}
