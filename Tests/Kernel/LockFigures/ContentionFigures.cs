using System;
using System.Linq;
using System.Threading;
using CosmosKernel.Locking;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;
using Semaphore = CosmosKernel.Tasks.Waiting.Semaphore;
using SpinLock = CosmosKernel.Machine.Locking.SpinLock;

namespace CosmosKernel.Tests.LockFigures;

/// <summary>
/// Each lock wanted by 2, 4 and 8 tasks at once, for a fixed time: throughput in operations a second, and fairness, which is what the task with the fewest operations did
/// as a part of what the task with the most did (1 is perfectly fair). Wall time: good as a ratio within one run only.
/// </summary>
public static class ContentionFigures
{
    private const ulong Millisecond = 1_000_000;
    private const ulong RunNanoseconds = 40 * Millisecond;

    private static SpinLock s_spinLock = new(LockClasses.Register("lock-figures.spin"));
    private static IrqSpinLock s_irqSpinLock = new(LockClasses.Register("lock-figures.interrupt"));
    private static ReaderWriterSpinLock s_readerWriter = new(LockClasses.Register("lock-figures.reader-writer"));
    private static readonly TicketLock s_ticketLock = new();
    [Protocol("Guarded by whichever lock is measured; its value means nothing.")]
    private static long s_shared;

    /// <summary>Spin locks.</summary>
    [KernelTest("figure.contention.spin_locks")]
    public static void Spinning()
    {
        Measure("spin_lock", () =>
        {
            using (s_spinLock.Enter())
            {
                s_shared++;
            }
        });
        Measure("ticket_lock", () =>
        {
            using (Preemption.Disable())
            {
                s_ticketLock.Acquire();
                s_shared++;
                s_ticketLock.Release();
            }
        });
        Measure("rw_spin_lock_read", () =>
        {
            using (s_readerWriter.EnterRead())
            {
                Volatile.Read(ref s_shared);
            }
        });
        Measure("irq_spin_lock", () =>
        {
            using (s_irqSpinLock.Enter())
            {
                s_shared++;
            }
        });
    }

    /// <summary>Locks that sleep.</summary>
    [KernelTest("figure.contention.sleeping_locks")]
    public static void Sleeping()
    {
        var mutex = new Mutex("figure");
        Measure("mutex", () =>
        {
            using (mutex.Enter())
            {
                s_shared++;
            }
        });
        var inheriting = new RtMutex("figure");
        Measure("rt_mutex", () =>
        {
            using (inheriting.Enter())
            {
                s_shared++;
            }
        });
        var semaphore = new Semaphore("figure", 1);
        Measure("semaphore", () =>
        {
            semaphore.Wait();
            s_shared++;
            semaphore.Release();
        });
    }

    /// <summary>The reader-writer semaphore: readers only, and with one operation in eight a writer's.</summary>
    [KernelTest("figure.contention.reader_writer")]
    public static void ReaderWriter()
    {
        var semaphore = new ReaderWriterSemaphore("figure");
        Measure("rw_semaphore_read", () =>
        {
            using (semaphore.EnterRead())
            {
                Volatile.Read(ref s_shared);
            }
        });
        int turn = 0;
        Measure("rw_semaphore_mixed", () =>
        {
            if ((++turn & 7) == 0)
            {
                using (semaphore.EnterWrite())
                {
                    s_shared++;
                }
            }
            else
            {
                using (semaphore.EnterRead())
                {
                    Volatile.Read(ref s_shared);
                }
            }
        });
    }

    /// <summary>Two tasks on two CPUs that take turns: from one turn to the next.</summary>
    [KernelTest("figure.wall.mutex_ping_pong_on_two_cpus")]
    public static void PingPong()
    {
        if (RunQueues.Count < 2)
        {
            Check.Skip("needs two CPUs");
        }

        CpuSet before = KernelTask.Current.Affinity;
        KernelTask.Current.SetAffinity(CpuSet.Of(0));
        TestRunner.Figure("figure.wall.mutex_ping_pong", TurnTaking.Play(500, CpuSet.Of(1)), "ns");
        KernelTask.Current.SetAffinity(before);
    }

    private static void Measure(string name, Action operation)
    {
        foreach (int contenders in (ReadOnlySpan<int>)[2, 4, 8])
        {
            var counts = new PaddedCount[contenders];
            int ready = 0;
            bool go = false;
            bool stop = false;
            var tasks = new TaskStruct[contenders];
            for (int i = 0; i < contenders; i++)
            {
                int me = i;
                tasks[i] = KernelTask.Start(new TaskOptions { Name = $"{name} {i}", Affinity = CpuSet.Of(i % RunQueues.Count) }, () =>
                {
                    Interlocked.Increment(ref ready);
                    while (!Volatile.Read(ref go))
                    {
                        KernelTask.Yield();
                    }

                    long count = 0;
                    while (!Volatile.Read(ref stop))
                    {
                        operation();
                        count++;
                    }

                    counts[me].Value = count;
                });
            }

            // Who is not on its CPU yet has no share in what follows.
            while (Volatile.Read(ref ready) < contenders)
            {
                KernelTask.Yield();
            }

            Volatile.Write(ref go, true);
            ulong start = Clock.MonotonicNanoseconds;
            KernelTask.Sleep(RunNanoseconds);
            Volatile.Write(ref stop, true);
            ulong taken = Clock.MonotonicNanoseconds - start;
            Array.ForEach(tasks, task => task.Join());
            long[] each = [.. counts.Select(count => count.Value)];
            TestRunner.Figure($"figure.contention.{name}.{contenders}.throughput", each.Sum() * 1e9 / taken, "operations/s");
            TestRunner.Figure($"figure.contention.{name}.{contenders}.fairness", each.Min() / (double)Math.Max(each.Max(), 1), "ratio");
        }
    }

    // A cache line each.
    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential, Size = 64)]
    private struct PaddedCount
    {
        public long Value;
    }
}
