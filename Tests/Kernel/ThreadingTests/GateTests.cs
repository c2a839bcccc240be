using System;
using System.Collections.Concurrent;
using System.Threading;
using System.Threading.Tasks;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Threading;

/// <summary><see cref="SemaphoreSlim"/>, <see cref="ManualResetEventSlim"/>, <see cref="ReaderWriterLockSlim"/>, <see cref="Barrier"/>, <see cref="CountdownEvent"/>.</summary>
public static class GateTests
{
    /// <summary>Never more inside than units, threads and asynchronous waiters together; and as many as units are.</summary>
    [KernelTest("thread.a_semaphore_keeps_its_bound")]
    public static void SemaphoreBound()
    {
        const int units = 3;
        using SemaphoreSlim semaphore = new(units, units);
        int inside = 0;
        int most = 0;
        using CountdownEvent full = new(units);
        Support.RunAll(
            () => Support.RunMany(6, me =>
            {
                for (int i = 0; i < 100; i++)
                {
                    semaphore.Wait();
                    Inside(i == 0);
                }
            }),
            () => Task.WhenAll(Array.ConvertAll(new int[6], async _ =>
            {
                for (int i = 0; i < 100; i++)
                {
                    await semaphore.WaitAsync();
                    Inside(first: false);
                    await Task.Yield();
                }
            })).Wait());
        Check.Equal(units, most);
        Check.Equal(units, semaphore.CurrentCount);
        Check.Throws<SemaphoreFullException>(() => semaphore.Release());

        // The first threads wait inside for each other, so that the bound is reached however slow the host is; asynchronous waiters leave, so there is always a unit for the next thread.
        void Inside(bool first)
        {
            int now = Interlocked.Increment(ref inside);
            InterlockedMax(ref most, now);
            if (first && !full.IsSet)
            {
                full.TrySignal();
                full.Wait();
            }

            Interlocked.Decrement(ref inside);
            semaphore.Release();
        }
    }

    /// <summary>Waits end by time and by cancellation, and take no unit then.</summary>
    [KernelTest("thread.semaphore_waits_end_early")]
    public static void SemaphoreEnds()
    {
        using SemaphoreSlim semaphore = new(0);
        Support.TakesAtLeast(15, () => Check.False(semaphore.Wait(15)));
        Check.False(semaphore.WaitAsync(1).Result);
        using CancellationTokenSource source = new();
        bool cancelled = false;
        Thread thread = Support.Start(() =>
        {
            try
            {
                semaphore.Wait(source.Token);
            }
            catch (OperationCanceledException)
            {
                cancelled = true;
            }
        });
        Support.UntilWaitsIn(thread, "SemaphoreSlim.Wait");
        Task asynchronous = semaphore.WaitAsync(source.Token);
        source.Cancel();
        Support.Join(thread);
        Check.True(cancelled);
        Check.True(Check.Throws<AggregateException>(asynchronous.Wait).InnerException is TaskCanceledException);
        semaphore.Release();
        Check.True(semaphore.Wait(0));
    }

    /// <summary>Set lets all go, and those that come later; reset holds again; cancellation ends a wait.</summary>
    [KernelTest("thread.a_manual_reset_event_is_a_gate")]
    public static void ManualReset()
    {
        using ManualResetEventSlim gate = new();
        int through = 0;
        Thread[] threads = new Thread[4];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = Support.Start(() =>
            {
                gate.Wait();
                Interlocked.Increment(ref through);
            });
            Support.UntilWaitsIn(threads[i], "ManualResetEventSlim.Wait");
        }

        Check.Equal(0, through);
        gate.Set();
        Array.ForEach(threads, Support.Join);
        Check.Equal(4, through);
        Check.True(gate.Wait(0));
        gate.Reset();
        Support.TakesAtLeast(10, () => Check.False(gate.Wait(10)));
        using CancellationTokenSource source = new(TimeSpan.FromMilliseconds(5));
        Check.Throws<OperationCanceledException>(() => gate.Wait(source.Token));
    }

    /// <summary>Readers are in together, a writer alone; an upgradeable reader excludes writers and can become one.</summary>
    [KernelTest("thread.readers_share_and_writers_exclude")]
    public static void ReaderWriter()
    {
        using ReaderWriterLockSlim gate = new();
        using Barrier together = new(3);

        // The barrier opens only if all three are inside at once.
        Support.RunMany(3, me =>
        {
            gate.EnterReadLock();
            Check.True(together.SignalAndWait(Support.Patience));
            gate.ExitReadLock();
        });

        gate.EnterReadLock();
        Thread writer = Support.Start(() =>
        {
            gate.EnterWriteLock();
            gate.ExitWriteLock();
        });
        Support.Until(() => gate.WaitingWriteCount == 1, "the writer waits");
        gate.ExitReadLock();
        Support.Join(writer);

        int value = 0;
        int torn = 0;
        int other = 0;
        Support.RunAll(
            Write,
            Write,
            Read,
            Read,
            () =>
            {
                for (int i = 0; i < 200; i++)
                {
                    gate.EnterUpgradeableReadLock();
                    int seen = value;
                    gate.EnterWriteLock();
                    torn += value != seen ? 1 : 0;
                    value++;
                    other++;
                    gate.ExitWriteLock();
                    gate.ExitUpgradeableReadLock();
                }
            });
        Check.Equal(0, torn);
        Check.Equal(600, value);
        gate.EnterReadLock();
        Check.Throws<LockRecursionException>(gate.EnterWriteLock);
        gate.ExitReadLock();
        Check.False(gate.IsReadLockHeld);

        void Write()
        {
            for (int i = 0; i < 200; i++)
            {
                gate.EnterWriteLock();
                value++;
                Thread.SpinWait(20);
                other++;
                gate.ExitWriteLock();
            }
        }

        void Read()
        {
            for (int i = 0; i < 400; i++)
            {
                gate.EnterReadLock();
                if (Volatile.Read(ref value) != Volatile.Read(ref other))
                {
                    Interlocked.Increment(ref torn);
                }

                gate.ExitReadLock();
            }
        }
    }

    /// <summary>No thread is in a phase that another has not begun; the action between phases sees all; its failure comes to everyone.</summary>
    [KernelTest("thread.a_barrier_keeps_phases_apart")]
    public static void Barriers()
    {
        const int members = 4;
        const int phases = 50;
        int[] reached = new int[members];
        int apart = 0;
        using Barrier barrier = new(members, b =>
        {
            foreach (int phase in reached)
            {
                apart += phase == b.CurrentPhaseNumber + 1 ? 0 : 1;
            }
        });
        Support.RunMany(members, me =>
        {
            for (int phase = 1; phase <= phases; phase++)
            {
                Volatile.Write(ref reached[me], phase);
                Check.True(barrier.SignalAndWait(Support.Patience));
            }
        });
        Check.Equal(0, apart);
        Check.Equal(phases, barrier.CurrentPhaseNumber);

        using Barrier failing = new(2, _ => throw new FormatException("between"));
        int failures = 0;
        Support.RunMany(2, me =>
        {
            BarrierPostPhaseException e = Check.Throws<BarrierPostPhaseException>(failing.SignalAndWait);
            Check.True(e.InnerException is FormatException);
            Interlocked.Increment(ref failures);
        });
        Check.Equal(2, failures);
        failing.AddParticipant();
        Check.Equal(3, failing.ParticipantCount);
        Check.False(failing.SignalAndWait(5));
    }

    /// <summary>Zero opens it, once; it can be counted up before and reset after.</summary>
    [KernelTest("thread.a_countdown_opens_at_zero")]
    public static void Countdown()
    {
        using CountdownEvent countdown = new(1);
        bool opened = false;
        Thread thread = Support.Start(() =>
        {
            countdown.Wait();
            opened = true;
        });
        Support.UntilWaitsIn(thread, "ManualResetEventSlim.Wait");
        countdown.AddCount(8);
        Support.RunMany(8, me => Check.False(countdown.Signal()));
        Check.False(opened);
        Check.Equal(1, countdown.CurrentCount);
        Check.True(countdown.Signal());
        Support.Join(thread);
        Check.True(opened);
        Check.False(countdown.TryAddCount());
        Check.Throws<InvalidOperationException>(() => countdown.Signal());
        countdown.Reset(2);
        Check.False(countdown.Wait(1));
    }

    /// <summary>Every thread and every processor has a value of its own; all can be listed.</summary>
    [KernelTest("thread.thread_locals_are_each_threads_own")]
    public static void ThreadLocals()
    {
        int made = 0;
        using ThreadLocal<int> local = new(() => Interlocked.Increment(ref made) * 100, trackAllValues: true);
        ConcurrentBag<int> seen = [];
        Support.RunMany(6, me =>
        {
            int mine = local.Value;
            for (int i = 0; i < 50; i++)
            {
                Check.Equal(mine + i, local.Value);
                local.Value++;
                Thread.Yield();
            }

            seen.Add(mine);
        });
        Check.Equal(6, made);
        int[] values = [.. local.Values];
        Array.Sort(values);
        Check.SequenceEqual<int>([150, 250, 350, 450, 550, 650], values);
        Check.Equal(6, seen.Count);
    }

    /// <summary>A value flows down into what is started and never up again; a thread may be started without it.</summary>
    [KernelTest("thread.async_locals_flow_down")]
    public static void AsyncLocals()
    {
        AsyncLocal<string> local = new() { Value = "outer" };
        int changes = 0;
        AsyncLocal<int> watched = new(change => changes += change.ThreadContextChanged ? 0 : 1);
        Inner().Wait();
        Check.Equal("outer", local.Value);
        string? inThread = null;
        string? without = "something";
        Support.RunAll(() => inThread = local.Value);
        Check.Equal("outer", inThread);
        using (ExecutionContext.SuppressFlow())
        {
            Support.RunAll(() => without = local.Value);
        }

        Check.True(without is null);
        watched.Value = 1;
        watched.Value = 2;
        Check.Equal(2, changes);
        Check.Equal("outer", Task.Run(() => local.Value).Result);

        async Task Inner()
        {
            local.Value = "inner";
            await Task.Yield();
            Check.Equal("inner", local.Value);
            await Task.Run(() => local.Value = "innermost");
            Check.Equal("inner", local.Value);
            await Task.Delay(1);
            Check.Equal("inner", local.Value);
        }
    }

    /// <summary>Atomic operations of every size lose nothing between processors.</summary>
    [KernelTest("thread.interlocked_loses_nothing")]
    public static void Interlockeds()
    {
        const int rounds = 5000;
        int threads = Math.Max(4, Environment.ProcessorCount);
        int added = 0;
        long wide = 0;
        long bits = 0;
        long compared = 0;
        byte small = 0;
        Node? head = null;
        Support.RunMany(threads, me =>
        {
            for (int i = 0; i < rounds; i++)
            {
                Interlocked.Increment(ref added);
                Interlocked.Add(ref wide, 1L << 33);
                Interlocked.Or(ref bits, 1L << me);
                Node node = new();
                do
                {
                    node.Next = Volatile.Read(ref head);
                }
                while (!ReferenceEquals(Interlocked.CompareExchange(ref head, node, node.Next), node.Next));
                byte seen;
                while ((seen = Volatile.Read(ref small)) == byte.MaxValue || Interlocked.CompareExchange(ref small, (byte)(seen + 1), seen) != seen)
                {
                    Interlocked.Exchange(ref small, 0);
                }

                Interlocked.Increment(ref compared);
            }
        });
        Interlocked.MemoryBarrierProcessWide();
        int nodes = 0;
        for (Node? node = head; node is not null; node = node.Next)
        {
            nodes++;
        }

        Check.Equal(threads * rounds, added);
        Check.Equal(threads * rounds, nodes);
        Check.Equal(threads * rounds, compared);
        Check.Equal((long)threads * rounds << 33, wide);
        Check.Equal((1L << threads) - 1, bits);
    }

    private static void TrySignal(this CountdownEvent countdown)
    {
        try
        {
            countdown.Signal();
        }
        catch (InvalidOperationException)
        {
            // Open already: others were faster.
        }
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }

    private sealed class Node
    {
        [Protocol("Written by who makes the node, before the exchange that publishes it; read when all threads have ended.")]
        public Node? Next;
    }
}
