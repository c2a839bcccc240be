using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Deferred.Work;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tasks.ReadCopyUpdate;

/// <summary>
/// Callbacks on their way: each CPU collects its own; when a grace period begins, all of them go with it; when it has ended, a work item runs them in batches. Order is kept among the
/// callbacks of one CPU.
/// </summary>
internal static class RcuCallbacks
{
    // Those that the present grace period is for.
    [Protocol("Used by the one task that drives grace periods.")]
    private static CallbackList s_waiting;

    private static IrqSpinLock s_lock = new(LockClass.RcuReady);

    // Those whose grace period has ended, and its number.
    [GuardedBy(nameof(s_lock))]
    private static CallbackList s_ready;

    [GuardedBy(nameof(s_lock))]
    private static ulong s_readyUpTo;

    // There are callbacks that have not run, or the work item that runs them has not said yet that they have.
    [GuardedBy(nameof(s_lock))]
    private static bool s_isBatchDue;

    // All callbacks that went with this grace period or an earlier one have run. Written under the lock, so that it never falls.
    [Atomic]
    private static ulong s_doneUpTo;

    [Immutable]
    private static WorkItem s_batch = null!;

    [Immutable]
    private static WaitQueue s_done = null!;

    /// <summary>Makes what runs callbacks. Once, at boot, after <see cref="WorkQueues.Start"/>.</summary>
    [BeforePublication]
    [MightSleep]
    public static void Start()
    {
        s_done = new WaitQueue("rcu barrier");
        s_batch = new Batch();
    }

    /// <summary>Hands a callback in. Any context but NMI.</summary>
    [NoAllocation]
    public static void Add(RcuCallback callback)
    {
        if (Interlocked.Exchange(ref callback.IsPending, 1) != 0)
        {
            Panic.Now("A callback is given to RCU that waits already"u8);
        }

        // On whichever CPU; the lock orders this, and what the caller wrote before, before the grace period that takes it along.
        ulong flags = InterruptFlag.Disable();
        RunQueue.Current.Readers.AddCallback(callback);
        Preemption.RestoreInterrupts(flags);
        GracePeriods.Want(GracePeriods.Next(), hurry: false);
    }

    /// <summary>Takes what all CPUs have. By the grace period's task, between the start of a grace period and its first question.</summary>
    public static void Collect()
    {
        for (int cpu = 0; cpu < RunQueues.Limit; cpu++)
        {
            RunQueues.Get(cpu)?.Readers.MoveCallbacksTo(ref s_waiting);
        }
    }

    /// <summary>The grace period has ended. By its task. Without callbacks no worker is woken, which as a rule would be on a CPU that idles.</summary>
    public static void Release(ulong gracePeriod)
    {
        bool isBatchDue;
        using (s_lock.Enter())
        {
            isBatchDue = s_isBatchDue || !s_waiting.IsEmpty;
            s_isBatchDue = isBatchDue;
            s_ready.TakeAll(ref s_waiting);
            s_readyUpTo = gracePeriod;
            if (!isBatchDue)
            {
                Volatile.Write(ref s_doneUpTo, gracePeriod);
            }
        }

        if (isBatchDue)
        {
            s_batch.Queue();
        }
        else
        {
            s_done.WakeAll();
        }
    }

    /// <summary>Waits until all callbacks have run that went with a grace period or an earlier one. Task context.</summary>
    [MightSleep]
    public static void Wait(ulong gracePeriod)
    {
        using WaitQueue.Wait wait = s_done.Begin(mode: WaitMode.Uninterruptible);
        while (true)
        {
            wait.Prepare();
            if (Volatile.Read(ref s_doneUpTo) >= gracePeriod)
            {
                return;
            }

            wait.Sleep();
        }
    }

    [MightSleep]
    private static void RunReady()
    {
        CallbackList batch = default;
        ulong upTo;
        using (s_lock.Enter())
        {
            batch.TakeAll(ref s_ready);
            upTo = s_readyUpTo;
        }

        while (batch.TakeFirst() is { } callback)
        {
            // First, so that the callback may hand itself in again.
            Volatile.Write(ref callback.IsPending, 0);
            callback.GracePeriodEnded();
        }

        using (s_lock.Enter())
        {
            // A grace period that has ended meanwhile has queued the item again.
            s_isBatchDue = s_readyUpTo != upTo;
            Volatile.Write(ref s_doneUpTo, upTo);
        }

        s_done.WakeAll();
    }

    // Callbacks give memory back, so they must get on when there is none: hence the rescuer.
    private sealed class Batch() : WorkItem(new WorkQueue(new WorkQueueOptions { Name = "rcu", IsOrdered = true, HasRescuer = true }))
    {
        [MightSleep]
        protected internal override void Execute() => RunReady();
    }
}
