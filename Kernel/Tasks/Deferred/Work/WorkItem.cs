using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tasks.Deferred.Work;

/// <summary>
/// Something to be done in a task soon: queued from any context, it is executed once by a worker of its queue, where it may sleep, allocate and take any lock. The object is its own
/// place in the queue, so queuing allocates nothing.
/// <para>
/// An item waits at most once: queuing it while it waits does nothing. Queued while it is executed, it is executed once more afterwards. It is never executed by two workers at once, wherever it was queued.
/// </para>
/// </summary>
public abstract class WorkItem
{
    private const string PoolLock = "Guarded by the lock of the pool of Share.";

    // Tasks that wait for a change of some item: rare, so they share one queue.
    [Immutable]
    private static WaitQueue? s_changed;

    [Atomic]
    private static int s_waiting;

    // 1: queued, or its timer runs, or somebody cancels it and keeps others from queuing it. Who changes it from 0 owns the item's place.
    [Atomic]
    private int _pending;

    // Somebody waits in CancelAndWait.
    [Atomic]
    private int _cancelling;

    // Where it was queued last; written by who owns the place.
    [Atomic]
    private WorkQueueShare? _share;

    // Executions that have begun, and that have ended.
    [Atomic]
    private long _begun;

    [Atomic]
    private long _ended;

    /// <summary>Makes an item.</summary>
    /// <param name="queue">Where it is executed.</param>
    protected WorkItem(WorkQueue queue)
    {
        Owner = queue;
    }

    internal enum Place
    {
        /// <summary>In no list.</summary>
        None,

        /// <summary>In the list of its pool: a worker takes it.</summary>
        Listed,

        /// <summary>Behind the limit of its queue.</summary>
        HeldBack,

        /// <summary>To be executed once more by the worker that has it now.</summary>
        Repeat,
    }

    /// <summary>The queue that it belongs to.</summary>
    public WorkQueue Owner { get; }

    /// <summary>It waits to be executed, or for its time. Outdated at once.</summary>
    public bool IsPending => Volatile.Read(ref _pending) != 0;

    /// <summary>It waits, or is executed now. Outdated at once.</summary>
    public bool IsBusy => IsPending || Volatile.Read(ref _begun) != Volatile.Read(ref _ended);

    internal WorkQueueShare? Share => Volatile.Read(ref _share);

    [Protocol(PoolLock)]
    internal WorkItem? Next { get; set; }

    [Protocol(PoolLock)]
    internal WorkItem? Previous { get; set; }

    [Protocol(PoolLock)]
    internal Place Where { get; set; }

    [Protocol(PoolLock)]
    internal bool IsExecuting { get; set; }

    /// <summary>Which of the two counts of its share it is in.</summary>
    [Protocol(PoolLock)]
    internal int Colour { get; set; }

    /// <summary>Queues it, on this CPU if its queue is bound to CPUs. Any context but NMI.</summary>
    /// <returns>False when it waits already.</returns>
    [NoAllocation]
    public bool Queue() => QueueOn(-1);

    /// <summary>Queues it for execution on a CPU, if its queue is bound to CPUs. Any context but NMI.</summary>
    /// <param name="cpu">Its number; one that does not schedule counts as this one.</param>
    /// <returns>False when it waits already.</returns>
    [NoAllocation]
    public bool QueueOn(int cpu)
    {
        // Interrupts are off from the claim to the insertion, so that who cancels meanwhile need not wait for a task.
        ulong flags = InterruptFlag.Disable();

        // A full fence: an execution that has begun before and ignores what the caller has written would have cleared the mark after.
        bool claimed = Interlocked.Exchange(ref _pending, 1) == 0;
        if (claimed)
        {
            Insert(cpu);
        }

        Preemption.RestoreInterrupts(flags);
        return claimed;
    }

    /// <summary>
    /// Takes it out of the queue if it waits, waits until it is not executed any more, and keeps it from being queued until then, by itself too. Afterwards nothing happens with it unless somebody queues it again.
    /// Task context; not in its own execution, nor with a lock held that it takes.
    /// </summary>
    /// <returns>True when it waited.</returns>
    [MightSleep]
    public bool CancelAndWait()
    {
        bool waited = Claim();
        AwaitChange(static (item, _) => Volatile.Read(ref item._begun) == Volatile.Read(ref item._ended), 0);
        Volatile.Write(ref _cancelling, 0);

        // Release, and a fence before the look at the waiters: who waits to cancel, too, goes on.
        Interlocked.Exchange(ref _pending, 0);
        Changed();
        return waited;
    }

    /// <summary>Takes it out of the queue if it waits; does not wait for an execution. Any context but NMI.</summary>
    /// <returns>True when it waited.</returns>
    [NoAllocation]
    public bool Cancel()
    {
        ulong flags = InterruptFlag.Disable();
        bool cancelled = StopTimer() || (Share is { } share && share.Pool.TryTakeOut(this, share));
        if (cancelled)
        {
            Interlocked.Exchange(ref _pending, 0);
            Changed();
        }

        Preemption.RestoreInterrupts(flags);
        return cancelled;
    }

    /// <summary>Waits until it has been executed as often as it had been queued by now. For an item with a time still to come, that time is waited for. Task context; not in its own execution.</summary>
    [MightSleep]
    public void Flush()
    {
        // If it waits, the execution that counts is the next one to begin; otherwise the one that goes on, if any.
        // Read in this order: an execution that begins between the two only makes the target one too high, and then the item is found not to be busy.
        bool waits = IsPending;
        long target = Volatile.Read(ref _begun) + (waits ? 1 : 0);
        AwaitChange(static (item, target) => Volatile.Read(ref item._ended) >= target || !item.IsBusy, target);
    }

    /// <summary>Does the work. In a worker, a task; an exception is reported, and the worker goes on with the next item.</summary>
    [MightSleep]
    protected internal abstract void Execute();

    /// <summary>Stops the item's timer, if it has one that runs.</summary>
    [NoAllocation]
    internal virtual bool StopTimer() => false;

    /// <summary>Makes what items share. Once, at boot.</summary>
    [BeforePublication]
    internal static void Initialize() => s_changed = new WaitQueue("work item");

    /// <summary>Claims an item that does not wait; the caller inserts it, or has a timer do that. Interrupts are off.</summary>
    [NoAllocation]
    internal bool TryClaim() => Interlocked.Exchange(ref _pending, 1) == 0;

    /// <summary>Puts a claimed item into the list of a pool. Interrupts are off.</summary>
    [NoAllocation]
    internal void Insert(int cpu)
    {
        WorkQueueShare share = Owner.ShareOf(cpu);

        // While a worker of another pool has it, it goes there: only so it is not executed twice at once.
        if (Share is { } last && !ReferenceEquals(last, share) && last.Pool.TryInsertWhileExecuting(this, last))
        {
            return;
        }

        // Only who has claimed it writes this.
        Volatile.Write(ref _share, share);
        share.Pool.Insert(this, share);
    }

    /// <summary>A worker begins to execute it: from here on it can be queued again. The pool's lock is held.</summary>
    [NoAllocation]
    internal void Begin()
    {
        Volatile.Write(ref _begun, Volatile.Read(ref _begun) + 1);

        // A full fence: what was written before a call of Queue that still finds the mark is seen by this execution.
        Interlocked.Exchange(ref _pending, 0);
    }

    /// <summary>The worker has executed it. The pool's lock is held.</summary>
    [NoAllocation]
    internal void End() => Volatile.Write(ref _ended, Volatile.Read(ref _ended) + 1);

    /// <summary>Tells tasks that wait for an item. No lock is held.</summary>
    [NoAllocation]
    internal static void Changed()
    {
        // Pairs with the increment in AwaitChange: either that comes first and is seen, or the condition is seen there.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref s_waiting) != 0)
        {
            s_changed!.WakeAll();
        }
    }

    // Makes the caller the one who may queue the item. True when it waited.
    [MightSleep]
    private bool Claim()
    {
        while (true)
        {
            ulong flags = InterruptFlag.Disable();
            bool free = TryClaim();
            bool claimed = free || StopTimer() || (Share is { } share && share.Pool.TryTakeOut(this, share));
            if (claimed)
            {
                Volatile.Write(ref _cancelling, 1);
            }

            Preemption.RestoreInterrupts(flags);
            if (claimed)
            {
                return !free;
            }

            if (Volatile.Read(ref _cancelling) != 0)
            {
                // Another task cancels it.
                AwaitChange(static (item, _) => Volatile.Read(ref item._cancelling) == 0, 0);
            }

            // Or it is on its way into a list, with interrupts off on another CPU.
            CpuInstructions.Pause();
        }
    }

    [MightSleep]
    private void AwaitChange(Condition condition, long value)
    {
        if (condition(this, value))
        {
            return;
        }

        Interlocked.Increment(ref s_waiting);
        using (WaitQueue.Wait wait = s_changed!.Begin(mode: WaitMode.Uninterruptible))
        {
            while (true)
            {
                wait.Prepare();
                if (condition(this, value))
                {
                    break;
                }

                wait.Sleep();
            }
        }

        Interlocked.Decrement(ref s_waiting);
    }

    private delegate bool Condition(WorkItem item, long value);
}
