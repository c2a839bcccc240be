using System;
using System.Runtime.CompilerServices;
using CosmosKernel.Locking;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tests.LockFigures;

/// <summary>Each lock taken and released, or passed, with nobody else there. Under the emulator's instruction counting a nanosecond is an instruction; the loop around is subtracted.</summary>
public static class UncontendedFigures
{
    private const int Count = 10_000;
    private const int Rounds = 5;

    private static SpinLock s_spinLock = new(LockClasses.Register("lock-figures.spin"));
    private static IrqSpinLock s_irqSpinLock = new(LockClasses.Register("lock-figures.interrupt"));
    private static ReaderWriterSpinLock s_readerWriter = new(LockClasses.Register("lock-figures.reader-writer"));
    private static SequenceLock s_sequence = new(LockClasses.Register("lock-figures.sequence"));

    /// <summary>All of them.</summary>
    [KernelTest("figure.lock.uncontended")]
    public static void All()
    {
        double loop = Median(Loop);
        void Report(string name, Action operation) => TestRunner.Figure($"figure.lock.{name}", Median(operation) - loop, "ns");
        Report("spin_lock", SpinLockPair);
        Report("irq_spin_lock", IrqSpinLockPair);
        Report("rw_spin_lock_read", SpinReadPair);
        Report("rw_spin_lock_write", SpinWritePair);
        Report("sequence_lock_read", SequenceRead);
        Report("sequence_lock_write", SequenceWrite);
        Report("mutex", MutexPair);
        Report("rt_mutex", RtMutexPair);
        Report("rw_semaphore_read", ReadPair);
        Report("rw_semaphore_write", WritePair);
        Report("semaphore", SemaphorePair);
        Report("completion", CompletionPair);
        Report("condition_variable_signal", SignalNobody);
        Report("wait_queue_wake", WakeNobody);
        Report("event_counter", EventPair);
        Report("barrier_of_one", BarrierOfOne);
        Report("index_stack", StackPair);
    }

    /// <summary>Two tasks that hand a mutex to each other through a condition variable: from one task's turn to its next, half of it.</summary>
    [KernelTest("figure.lock.mutex_ping_pong_on_one_cpu")]
    public static void PingPong()
    {
        CpuSet here = CpuSet.Of(KernelTask.Current.Cpu);
        CpuSet before = KernelTask.Current.Affinity;
        KernelTask.Current.SetAffinity(here);
        TestRunner.Figure("figure.lock.mutex_ping_pong", TurnTaking.Play(2_000, here), "ns");
        KernelTask.Current.SetAffinity(before);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Loop()
    {
        for (int i = 0; i < Count; i++)
        {
            Nothing();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Nothing()
    {
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SpinLockPair()
    {
        for (int i = 0; i < Count; i++)
        {
            using (s_spinLock.Enter())
            {
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void IrqSpinLockPair()
    {
        for (int i = 0; i < Count; i++)
        {
            using (s_irqSpinLock.Enter())
            {
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SpinReadPair()
    {
        for (int i = 0; i < Count; i++)
        {
            using (s_readerWriter.EnterRead())
            {
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SpinWritePair()
    {
        for (int i = 0; i < Count; i++)
        {
            using (s_readerWriter.EnterWrite())
            {
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SequenceRead()
    {
        for (int i = 0; i < Count; i++)
        {
            foreach (int _ in s_sequence.Read())
            {
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SequenceWrite()
    {
        for (int i = 0; i < Count; i++)
        {
            using (s_sequence.EnterWrite())
            {
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MutexPair()
    {
        var mutex = new Mutex("figure");
        for (int i = 0; i < Count; i++)
        {
            using (mutex.Enter())
            {
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RtMutexPair()
    {
        var mutex = new RtMutex("figure");
        for (int i = 0; i < Count; i++)
        {
            using (mutex.Enter())
            {
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ReadPair()
    {
        var semaphore = new ReaderWriterSemaphore("figure");
        for (int i = 0; i < Count; i++)
        {
            using (semaphore.EnterRead())
            {
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void WritePair()
    {
        var semaphore = new ReaderWriterSemaphore("figure");
        for (int i = 0; i < Count; i++)
        {
            using (semaphore.EnterWrite())
            {
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SemaphorePair()
    {
        var semaphore = new Semaphore("figure", 1);
        for (int i = 0; i < Count; i++)
        {
            semaphore.Wait();
            semaphore.Release();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CompletionPair()
    {
        var completion = new Completion("figure");
        for (int i = 0; i < Count; i++)
        {
            completion.Complete();
            completion.Wait();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SignalNobody()
    {
        var condition = new ConditionVariable("figure");
        for (int i = 0; i < Count; i++)
        {
            condition.Signal();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void WakeNobody()
    {
        var queue = new WaitQueue("figure");
        for (int i = 0; i < Count; i++)
        {
            queue.WakeOne();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void EventPair()
    {
        var counter = new EventCounter("figure");
        for (int i = 0; i < Count; i++)
        {
            counter.Await(counter.Advance());
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void BarrierOfOne()
    {
        var barrier = new TaskBarrier("figure", 1);
        for (int i = 0; i < Count; i++)
        {
            barrier.Wait();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StackPair()
    {
        var stack = new IndexStack(1);
        for (int i = 0; i < Count; i++)
        {
            stack.Push(0);
            stack.Pop();
        }
    }

    private static double Median(Action operation)
    {
        double[] values = new double[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            ulong start = Clock.MonotonicNanoseconds;
            operation();
            values[i] = (Clock.MonotonicNanoseconds - start) / (double)Count;
        }

        Array.Sort(values);
        return values[Rounds / 2];
    }
}
