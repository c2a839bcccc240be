using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;
using Semaphore = CosmosKernel.Tasks.Waiting.Semaphore;
using SpinLock = CosmosKernel.Machine.Locking.SpinLock;

namespace CosmosKernel.Tests.Scheduling;

// Locks and waiting.
public sealed partial class SchedulerTests
{
    private static SpinLock s_spinLock = new(LockClasses.Register("test.waiting"));

    /// <summary>A spin lock excludes the other CPUs and preemption: no increment is lost.</summary>
    [KernelTest("lock.spin_lock_loses_no_increment")]
    public static void SpinLockLosesNoIncrement()
    {
        int counted = 0;
        Workers(4, _ =>
        {
            for (int i = 0; i < 2_500; i++)
            {
                using (s_spinLock.Enter())
                {
                    counted++;
                }
            }
        });
        Check.Equal(10_000, counted);
    }

    /// <summary>A sleeping mutex excludes, hands over, and leaves nobody asleep.</summary>
    [KernelTest("lock.mutex_excludes_and_hands_over")]
    public static void MutexExcludesAndHandsOver()
    {
        Mutex mutex = new("test mutex");
        int counted = 0;
        int inside = 0;
        int wrong = 0;
        Workers(6, _ =>
        {
            for (int i = 0; i < 2_000; i++)
            {
                using (mutex.Enter())
                {
                    wrong += ++inside == 1 ? 0 : 1;
                    counted++;
                    if (i % 50 == 0)
                    {
                        KernelTask.Yield();
                    }

                    inside--;
                }
            }
        });
        Check.Equal(12_000, counted);
        Check.Equal(0, wrong);
    }

    /// <summary>Two tasks wake each other in turn a thousand times; a lost wake-up would leave both asleep.</summary>
    [KernelTest("lock.no_wake_up_is_lost")]
    public static void NoWakeUpIsLost()
    {
        WaitQueue queue = new("turn");
        int turn = 0;
        Workers(2, me =>
        {
            for (int round = 0; round < 1_000; round++)
            {
                using (WaitQueue.Wait wait = queue.Begin())
                {
                    while (true)
                    {
                        wait.Prepare();
                        if (Volatile.Read(ref turn) == me)
                        {
                            break;
                        }

                        wait.Sleep();
                    }
                }

                Volatile.Write(ref turn, 1 - me);
                queue.WakeOne();
            }
        });
        Check.Equal(0, turn);
    }

    /// <summary>What is released is taken exactly once, with waiters that give up at any moment.</summary>
    [KernelTest("lock.semaphore_hands_out_what_it_got")]
    public static void SemaphoreHandsOutWhatItGot()
    {
        Semaphore semaphore = new("units", 0);
        int taken = 0;
        int given = 0;
        Workers(5, me =>
        {
            Random random = new(me);
            for (int i = 0; i < 400; i++)
            {
                if (me == 0)
                {
                    semaphore.Release();
                    Interlocked.Increment(ref given);
                    KernelTask.Sleep((ulong)random.Next(100_000));
                }
                else if (semaphore.Wait(Machine.Time.Clock.MonotonicNanoseconds + (ulong)random.Next(200_000)) == WaitResult.Woken)
                {
                    Interlocked.Increment(ref taken);
                }
            }
        });
        Check.Equal(given, taken + semaphore.Count);
    }

    /// <summary>Tasks on all CPUs sleep, yield, compute, wait, change priority and affinity of each other at random.</summary>
    [KernelTest("sched.torture_on_all_cpus")]
    public static void TortureOnAllCpus()
    {
        int cpus = RunQueues.Count;
        Semaphore semaphore = new("torture", 1);
        Mutex mutex = new("torture mutex");
        TaskStruct[] tasks = new TaskStruct[cpus * 3];
        Completion started = new("start");
        int ended = 0;
        for (int t = 0; t < tasks.Length; t++)
        {
            int me = t;
            tasks[t] = KernelTask.Start(new TaskOptions { Name = $"torture{t}" }, () =>
            {
                started.Wait();
                Random random = new(me);
                for (int i = 0; i < 500; i++)
                {
                    Step(random, tasks, semaphore, mutex, cpus);
                }

                Interlocked.Increment(ref ended);
            });
        }

        started.CompleteAll();
        foreach (TaskStruct task in tasks)
        {
            Check.Equal(TaskExitReason.Exited, task.Join().Reason);
        }

        Check.Equal(tasks.Length, ended);
    }

    private static void Step(Random random, TaskStruct[] tasks, Semaphore semaphore, Mutex mutex, int cpus)
    {
        TaskStruct other = tasks[random.Next(tasks.Length)];
        switch (random.Next(9))
        {
            case 0:
                KernelTask.Yield();
                break;
            case 1:
                KernelTask.Sleep((ulong)random.Next(200_000));
                break;
            case 2:
                semaphore.Wait(Machine.Time.Clock.MonotonicNanoseconds + 100_000);
                break;
            case 3:
                semaphore.Release();
                break;
            case 4:
                other.SetPriority(118 + random.Next(4));
                break;
            case 5:
                other.SetAffinity(CpuSet.Of(random.Next(cpus)) | CpuSet.Of(random.Next(cpus)));
                break;
            case 6:
                other.Interrupt();
                break;
            case 7:
                using (mutex.Enter())
                {
                    GC.KeepAlive(new byte[random.Next(200)]);
                }

                break;
            default:
                Compute((ulong)random.Next(300_000));
                break;
        }
    }

    // Runs the body in so many tasks at once and fails if one of them fails.
    private static void Workers(int count, Action<int> body)
    {
        TaskStruct[] tasks = new TaskStruct[count];
        for (int i = 0; i < count; i++)
        {
            int me = i;
            tasks[i] = KernelTask.Start($"worker{i}", () => body(me));
        }

        foreach (TaskStruct task in tasks)
        {
            Check.Equal(TaskExitReason.Exited, task.Join().Reason);
        }
    }
}
