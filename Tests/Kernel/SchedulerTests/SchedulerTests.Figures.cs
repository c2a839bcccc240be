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

    private static IrqSpinLock s_irqSpinLock = new(LockClasses.Register("test.figures"));

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
                mutex.Acquire();
                mutex.Release();
            }
        });
        ReportYield();
        ReportWake();
        ReportPingPong();
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

    // From the call that wakes a more urgent task to that task's return from its wait.
    private static void ReportWake()
    {
        Semaphore gate = new("gate", 0);
        ulong woken = 0;
        ulong sum = 0;
        TaskStruct sleeper = KernelTask.Start(Pinned("sleeper", 90), () =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                gate.Wait();
                sum += Clock.MonotonicNanoseconds - woken;
            }
        });
        for (int i = 0; i < Rounds; i++)
        {
            woken = Clock.MonotonicNanoseconds;
            gate.Release();
        }

        sleeper.Join();
        TestRunner.Figure("sched.wake_to_run", (double)sum / Rounds, "ns");
    }

    // Two equals that wait for each other in turn: a wake-up, a sleep and a switch.
    private static void ReportPingPong()
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

        Figure("sched.semaphore_hop", start, 2 * Rounds);
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
