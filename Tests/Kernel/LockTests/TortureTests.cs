using System;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;

namespace CosmosKernel.Tests.Locks;

/// <summary>Each lock under torture: a quarter of a second each in a test run; in <c>make soak</c> all of them in turn for as long as one likes.</summary>
public static class TortureTests
{
    private const ulong Second = 1_000_000_000;

    /// <summary>Spin lock.</summary>
    [KernelTest("lock.torture.spin_lock")]
    public static void SpinLock() => SpinOrder.Run(queued: true, () => SpinTorture.SpinLock(Torture.TestNanoseconds));

    /// <summary>Spin lock for interrupts, taken by tasks and by timers' interrupts.</summary>
    [KernelTest("lock.torture.irq_spin_lock")]
    public static void IrqSpinLock() => SpinOrder.Run(queued: true, () => SpinTorture.IrqSpinLock(Torture.TestNanoseconds));

    /// <summary>Reader-writer spin lock.</summary>
    [KernelTest("lock.torture.reader_writer_spin_lock")]
    public static void ReaderWriterSpinLock() => SpinOrder.Run(queued: true, () => SpinTorture.ReaderWriterSpinLock(Torture.TestNanoseconds));

    /// <summary>Sequence lock.</summary>
    [KernelTest("lock.torture.sequence_lock")]
    public static void SequenceLock() => SpinOrder.Run(queued: true, () => SpinTorture.SequenceLock(Torture.TestNanoseconds));

    /// <summary>Spin lock whose waiters do not queue.</summary>
    [KernelTest("lock.torture.unfair_spin_lock")]
    public static void UnfairSpinLock() => SpinOrder.Run(queued: false, () => SpinTorture.SpinLock(Torture.TestNanoseconds));

    /// <summary>Spin lock for interrupts whose waiters do not queue.</summary>
    [KernelTest("lock.torture.unfair_irq_spin_lock")]
    public static void UnfairIrqSpinLock() => SpinOrder.Run(queued: false, () => SpinTorture.IrqSpinLock(Torture.TestNanoseconds));

    /// <summary>Reader-writer spin lock whose waiters do not queue.</summary>
    [KernelTest("lock.torture.unfair_reader_writer_spin_lock")]
    public static void UnfairReaderWriterSpinLock() => SpinOrder.Run(queued: false, () => SpinTorture.ReaderWriterSpinLock(Torture.TestNanoseconds));

    /// <summary>Sequence lock whose writers do not queue.</summary>
    [KernelTest("lock.torture.unfair_sequence_lock")]
    public static void UnfairSequenceLock() => SpinOrder.Run(queued: false, () => SpinTorture.SequenceLock(Torture.TestNanoseconds));

    /// <summary>Spin lock, with waiters of both kinds at once.</summary>
    [KernelTest("lock.torture.spin_lock_whose_order_changes")]
    public static void SpinLockWhoseOrderChanges() => SpinOrder.RunChanging(() => SpinTorture.SpinLock(Torture.TestNanoseconds));

    /// <summary>Spin lock for interrupts, with waiters of both kinds at once.</summary>
    [KernelTest("lock.torture.irq_spin_lock_whose_order_changes")]
    public static void IrqSpinLockWhoseOrderChanges() => SpinOrder.RunChanging(() => SpinTorture.IrqSpinLock(Torture.TestNanoseconds));

    /// <summary>Reader-writer spin lock, with waiters of both kinds at once.</summary>
    [KernelTest("lock.torture.reader_writer_spin_lock_whose_order_changes")]
    public static void ReaderWriterSpinLockWhoseOrderChanges() => SpinOrder.RunChanging(() => SpinTorture.ReaderWriterSpinLock(Torture.TestNanoseconds));

    /// <summary>Mutex.</summary>
    [KernelTest("lock.torture.mutex")]
    public static void Mutex() => SleepTorture.Mutex(Torture.TestNanoseconds);

    /// <summary>Rt-mutexes, two of four at a time in any order.</summary>
    [KernelTest("lock.torture.rt_mutex")]
    public static void RtMutex() => SleepTorture.RtMutex(Torture.TestNanoseconds);

    /// <summary>Reader-writer semaphore.</summary>
    [KernelTest("lock.torture.reader_writer_semaphore")]
    public static void ReaderWriterSemaphore() => SleepTorture.ReaderWriterSemaphore(Torture.TestNanoseconds);

    /// <summary>Counting semaphore.</summary>
    [KernelTest("lock.torture.semaphore")]
    public static void Semaphore() => SleepTorture.Semaphore(Torture.TestNanoseconds);

    /// <summary>Condition variable.</summary>
    [KernelTest("lock.torture.condition_variable")]
    public static void ConditionVariable() => WaitTorture.ConditionVariable(Torture.TestNanoseconds);

    /// <summary>Completion.</summary>
    [KernelTest("lock.torture.completion")]
    public static void Completion() => WaitTorture.Completion(Torture.TestNanoseconds);

    /// <summary>Barrier.</summary>
    [KernelTest("lock.torture.barrier")]
    public static void Barrier() => WaitTorture.Barrier(Torture.TestNanoseconds);

    /// <summary>Wait queue with exclusive waiters.</summary>
    [KernelTest("lock.torture.wait_queue")]
    public static void WaitQueue() => WaitTorture.WaitQueue(Torture.TestNanoseconds);

    /// <summary>Event counter and sequencer.</summary>
    [KernelTest("lock.torture.event_counter")]
    public static void EventCounter() => WaitTorture.EventCounter(Torture.TestNanoseconds);

    /// <summary>Without any lock the witness is found broken: so the tortures can fail.</summary>
    [KernelTest("lock.torture.finds_out_that_there_is_no_lock")]
    public static void NoLock()
    {
        var witness = new Witness();
        while (!witness.IsBroken)
        {
            Torture.Run("no lock", 20_000_000, TortureKinds.None, contender =>
            {
                // Counted even if it saw another one: what is broken stays so.
                witness.Write(contender.Next(200));
                return true;
            });
        }
    }

    /// <summary>The same for <c>soak.seconds=N</c> in all, 3 otherwise: a test run has the tortures anyway.</summary>
    [KernelTest("soak.locks")]
    public static void Soak()
    {
        (string Name, Func<ulong, long> Run)[] all =
        [
            ("spin_lock", SpinTorture.SpinLock),
            ("irq_spin_lock", SpinTorture.IrqSpinLock),
            ("reader_writer_spin_lock", SpinTorture.ReaderWriterSpinLock),
            ("sequence_lock", SpinTorture.SequenceLock),
            ("mutex", SleepTorture.Mutex),
            ("rt_mutex", SleepTorture.RtMutex),
            ("reader_writer_semaphore", SleepTorture.ReaderWriterSemaphore),
            ("semaphore", SleepTorture.Semaphore),
            ("condition_variable", WaitTorture.ConditionVariable),
            ("completion", WaitTorture.Completion),
            ("barrier", WaitTorture.Barrier),
            ("wait_queue", WaitTorture.WaitQueue),
            ("event_counter", WaitTorture.EventCounter),
        ];
        ulong each = (ulong)KernelOptions.GetNumber("soak.seconds", 3, 3, int.MaxValue) * Second / (ulong)all.Length;
        foreach ((string name, Func<ulong, long> run) in all)
        {
            TestRunner.Figure($"soak.locks.{name}", run(each), "operations");
        }
    }
}
