using System;
using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Threading;

/// <summary><see cref="Monitor"/>, <see cref="Lock"/>, <see cref="Mutex"/> and wait handles.</summary>
public static class MonitorTests
{
    private const int Rounds = 2000;

    /// <summary>At most one thread is inside, and no increment is lost, for each kind of lock.</summary>
    [KernelTest("thread.locks_exclude_on_all_cpus")]
    public static void Exclusion()
    {
        object monitor = new();
        Lock gate = new();
        using Mutex mutex = new();
        using SemaphoreSlim semaphore = new(1, 1);
        SpinLock spin = new(enableThreadOwnerTracking: false);
        using ReaderWriterLockSlim readerWriter = new();
        Excludes("Monitor", Rounds, body =>
        {
            lock (monitor)
            {
                body();
            }
        });
        Excludes("Lock", Rounds, body =>
        {
            lock (gate)
            {
                body();
            }
        });
        Excludes("Mutex", Rounds / 10, body =>
        {
            mutex.WaitOne();
            body();
            mutex.ReleaseMutex();
        });
        Excludes("SemaphoreSlim", Rounds / 10, body =>
        {
            semaphore.Wait();
            body();
            semaphore.Release();
        });
        Excludes("ReaderWriterLockSlim", Rounds / 10, body =>
        {
            readerWriter.EnterWriteLock();
            body();
            readerWriter.ExitWriteLock();
        });
        Excludes("SpinLock", Rounds / 10, body =>
        {
            bool taken = false;
            spin.Enter(ref taken);
            body();
            spin.Exit();
        });
    }

    /// <summary>Locks are recursive where .NET says so, and only the owner releases.</summary>
    [KernelTest("thread.locks_know_their_owner")]
    public static void Ownership()
    {
        object monitor = new();
        lock (monitor)
        {
            lock (monitor)
            {
                Check.True(Monitor.IsEntered(monitor));
            }

            Check.True(Monitor.IsEntered(monitor));
            Support.RunAll(() =>
            {
                Check.False(Monitor.IsEntered(monitor));
                Check.False(Monitor.TryEnter(monitor));
                Check.Throws<SynchronizationLockException>(() => Monitor.Exit(monitor));
                Check.Throws<SynchronizationLockException>(() => Monitor.Pulse(monitor));
            });
        }

        Lock gate = new();
        using (gate.EnterScope())
        {
            Check.True(gate.TryEnter());
            gate.Exit();
            Check.True(gate.IsHeldByCurrentThread);
            Support.RunAll(() =>
            {
                Check.False(gate.IsHeldByCurrentThread);
                Check.False(gate.TryEnter());
                Check.Throws<SynchronizationLockException>(gate.Exit);
            });
        }

        using Mutex mutex = new(initiallyOwned: true);
        Check.True(mutex.WaitOne(0));
        mutex.ReleaseMutex();
        Support.RunAll(() =>
        {
            Check.False(mutex.WaitOne(0));
            Check.Throws<ApplicationException>(mutex.ReleaseMutex);
        });
        mutex.ReleaseMutex();
        Support.RunAll(() =>
        {
            Check.True(mutex.WaitOne(0));
            mutex.ReleaseMutex();
        });
    }

    /// <summary>Giving up takes at least as long as was said, and leaves the lock as it was.</summary>
    [KernelTest("thread.time_outs_are_not_too_early")]
    public static void TimeOuts()
    {
        object monitor = new();
        Lock gate = new();
        using Mutex mutex = new(initiallyOwned: true);
        lock (monitor)
        {
            using (gate.EnterScope())
            {
                Support.RunAll(
                    () => Support.TakesAtLeast(20, () => Check.False(Monitor.TryEnter(monitor, 20))),
                    () => Support.TakesAtLeast(20, () => Check.False(gate.TryEnter(20))),
                    () => Support.TakesAtLeast(20, () => Check.False(mutex.WaitOne(20))));
                Support.TakesAtLeast(20, () => Check.False(Monitor.Wait(monitor, 20)));
                Check.True(Monitor.IsEntered(monitor));
            }
        }

        mutex.ReleaseMutex();
        Support.RunAll(() =>
        {
            Check.True(Monitor.TryEnter(monitor, 0));
            Monitor.Exit(monitor);
            Check.True(gate.TryEnter(0));
            gate.Exit();
            Check.True(mutex.WaitOne(0));
            mutex.ReleaseMutex();
        });
    }

    /// <summary>Each pulse wakes the one that has waited longest; pulsing all wakes all.</summary>
    [KernelTest("thread.pulses_wake_in_order")]
    public static void PulseOrder()
    {
        const int count = 5;
        object gate = new();
        List<int> order = [];
        Thread[] threads = WaitAll();
        for (int i = 0; i < count; i++)
        {
            lock (gate)
            {
                Monitor.Pulse(gate);
            }

            Support.Join(threads[i]);
        }

        Check.SequenceEqual<int>([0, 1, 2, 3, 4], order.ToArray());
        order.Clear();
        threads = WaitAll();
        lock (gate)
        {
            Monitor.PulseAll(gate);
        }

        Array.ForEach(threads, Support.Join);
        order.Sort();
        Check.SequenceEqual<int>([0, 1, 2, 3, 4], order.ToArray());

        // A waiter begins only when the one before it sleeps.
        Thread[] WaitAll()
        {
            Thread[] waiting = new Thread[count];
            for (int i = 0; i < count; i++)
            {
                int me = i;
                waiting[i] = Support.Start(() =>
                {
                    lock (gate)
                    {
                        Monitor.Wait(gate);
                        order.Add(me);
                    }
                });
                Support.UntilWaitsIn(waiting[i], "Monitor.Wait");
            }

            return waiting;
        }
    }

    /// <summary>A mutex whose owner ended is handed on, and says so.</summary>
    [KernelTest("thread.an_abandoned_mutex_is_handed_on")]
    public static void Abandoned()
    {
        using Mutex mutex = new();
        using ManualResetEventSlim owned = new();
        using ManualResetEventSlim end = new();
        Thread owner = Support.Start(() =>
        {
            mutex.WaitOne();
            owned.Set();
            end.Wait();
        });
        owned.Wait();
        bool abandoned = false;
        Thread waiter = Support.Start(() =>
        {
            try
            {
                mutex.WaitOne();
            }
            catch (AbandonedMutexException)
            {
                abandoned = true;
            }

            mutex.ReleaseMutex();
        });
        Support.UntilWaitsIn(waiter, "WaitHandle.WaitOne");
        end.Set();
        Support.Join(owner);
        Support.Join(waiter);
        Check.True(abandoned);
        Check.True(mutex.WaitOne(0));
        mutex.ReleaseMutex();
    }

    /// <summary>An auto-reset event lets one go for each set, a manual-reset event all; waits for several handles see which.</summary>
    [KernelTest("thread.events_release_one_or_all")]
    public static void Events()
    {
        using AutoResetEvent one = new(false);
        using ManualResetEvent all = new(false);
        using Semaphore three = new(0, 3);
        int released = 0;
        Thread[] threads = new Thread[4];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = Support.Start(() =>
            {
                one.WaitOne();
                Interlocked.Increment(ref released);
                all.WaitOne();
            });
            Support.UntilWaitsIn(threads[i], "WaitHandle.WaitOne");
        }

        for (int i = 1; i <= threads.Length; i++)
        {
            one.Set();
            int expected = i;
            Support.Until(() => Volatile.Read(ref released) == expected, "one more is released");
        }

        Check.False(one.WaitOne(0));
        all.Set();
        Array.ForEach(threads, Support.Join);
        Check.True(all.WaitOne(0));
        Check.Equal(WaitHandle.WaitTimeout, WaitHandle.WaitAny([one, three], 1));
        three.Release(2);
        Check.Equal(1, WaitHandle.WaitAny([one, three]));
        Check.False(WaitHandle.WaitAll([one, three], 1));
        one.Set();
        Check.True(WaitHandle.WaitAll([one, three]));
        Check.False(one.WaitOne(0));
        Check.False(three.WaitOne(0));
        Check.Throws<SemaphoreFullException>(() => three.Release(4));
        Check.True(WaitHandle.SignalAndWait(one, all));
        Check.True(one.WaitOne(0));
    }

    private static void Excludes(string name, int rounds, Action<Action> locked)
    {
        int threads = Math.Max(4, Environment.ProcessorCount);
        int inside = 0;
        int overlaps = 0;
        int total = 0;
        Support.RunMany(threads, me =>
        {
            for (int i = 0; i < rounds; i++)
            {
                int pause = i & 7;
                locked(() =>
                {
                    if (Interlocked.Increment(ref inside) != 1)
                    {
                        Interlocked.Increment(ref overlaps);
                    }

                    // Two halves, so that a lost exclusion loses increments.
                    int seen = Volatile.Read(ref total);
                    Thread.SpinWait(pause);
                    Volatile.Write(ref total, seen + 1);
                    Interlocked.Decrement(ref inside);
                });
            }
        });
        Check.Equal(0, overlaps, $"{name}: threads that met inside");
        Check.Equal(threads * rounds, total, $"{name}: increments");
    }
}
