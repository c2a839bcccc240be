using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tests.Scheduling;

// Measurements. Under the emulator's instruction counting a nanosecond is an instruction.
public sealed partial class SchedulerTests
{
    private const int Rounds = 2_000;

    private static IrqSpinLock s_irqSpinLock;

    /// <summary>What scheduling operations cost on one CPU.</summary>
    [KernelTest("sched.figures")]
    public static void Figures() => OnOneCpu(0, () =>
    {
        Report("sched.clock_read", () =>
        {
            ulong sum = 0;
            for (int i = 0; i < Rounds; i++)
            {
                sum += Clock.MonotonicNanoseconds;
            }

            GC.KeepAlive(sum);
        });
        Report("sched.spin_lock_pair", () =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                using (s_spinLock.Enter())
                {
                }
            }
        });
        Report("sched.irq_spin_lock_pair", () =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                using (s_irqSpinLock.Enter())
                {
                }
            }
        });
        Mutex mutex = new("figures");
        Report("sched.mutex_pair", () =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                mutex.Acquire(Tasks.Scheduling.Scheduler.Never, interruptible: false);
                mutex.Release();
            }
        });
        ReportYield();
        ReportWake();
        Report("sched.create_to_join", () =>
        {
            for (int i = 0; i < Rounds / 10; i++)
            {
                KernelTask.Start(Pinned("short", 100), () => { }).Join();
            }
        }, Rounds / 10);
    });

    private static void ReportYield()
    {
        TaskStruct first = KernelTask.Start(Pinned("yield", 110), YieldAll);
        TaskStruct second = KernelTask.Start(Pinned("yield", 110), YieldAll);

        // Both run when this task sleeps in Join.
        ulong start = Clock.MonotonicNanoseconds;
        first.Join();
        second.Join();
        Figure("sched.yield", start, 2 * Rounds);

        static void YieldAll()
        {
            for (int i = 0; i < Rounds; i++)
            {
                KernelTask.Yield();
            }
        }
    }

    private static void ReportWake()
    {
        Semaphore ping = new("ping", 0);
        Semaphore pong = new("pong", 0);
        TaskStruct other = KernelTask.Start(Pinned("pong", 100), () =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                ping.Wait();
                pong.Release();
            }
        });
        ulong start = Clock.MonotonicNanoseconds;
        for (int i = 0; i < Rounds; i++)
        {
            ping.Release();
            pong.Wait();
        }

        Figure("sched.wake_to_run", start, 2 * Rounds);
        other.Join();
    }

    private static void Report(string name, Action operation, int count = Rounds)
    {
        operation();
        ulong start = Clock.MonotonicNanoseconds;
        operation();
        Figure(name, start, count);
    }

    private static void Figure(string name, ulong start, int count) =>
        TestRunner.Figure(name, (double)(Clock.MonotonicNanoseconds - start) / count, "ns");
}
