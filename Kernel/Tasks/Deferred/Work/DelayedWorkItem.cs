using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Tasks.Deferred.Work;

/// <summary>A work item that can also be queued for later. It waits from the call on: queuing it meanwhile does nothing, cancelling stops the timer.</summary>
public abstract class DelayedWorkItem : WorkItem
{
    private readonly QueueTimer _timer;

    /// <summary>Makes an item.</summary>
    /// <param name="queue">Where it is executed.</param>
    protected DelayedWorkItem(WorkQueue queue)
        : base(queue)
    {
        _timer = new QueueTimer(this);
    }

    /// <summary>Queues it after a time, on the CPU where this is called if its queue is bound to CPUs. Any context but NMI.</summary>
    /// <param name="nanoseconds">From now on.</param>
    /// <returns>False when it waits already; then nothing is changed.</returns>
    [NoAllocation]
    public bool QueueAfter(ulong nanoseconds)
    {
        ulong flags = InterruptFlag.Disable();
        bool claimed = TryClaim();
        if (claimed)
        {
            _timer.Start(Clock.MonotonicNanoseconds + nanoseconds);
        }

        Preemption.RestoreInterrupts(flags);
        return claimed;
    }

    /// <summary>Queues it after a time, whether it waits or not: a time that runs begins anew. What has been queued already is left there. Any context but NMI.</summary>
    /// <param name="nanoseconds">From now on.</param>
    /// <returns>True when its timer runs with this time now; false when it was queued already.</returns>
    [NoAllocation]
    public bool RequeueAfter(ulong nanoseconds)
    {
        ulong flags = InterruptFlag.Disable();

        // Who stops the timer owns the item's place, as the timer did.
        bool owned = _timer.Cancel() || TryClaim();
        if (owned)
        {
            _timer.Start(Clock.MonotonicNanoseconds + nanoseconds);
        }

        Preemption.RestoreInterrupts(flags);
        return owned;
    }

    /// <inheritdoc/>
    internal sealed override bool StopTimer() => _timer.Cancel();

    private sealed class QueueTimer(WorkItem item) : KernelTimer
    {
        [InterruptContext]
        protected override void OnExpired(ulong now) => item.Insert(-1);
    }
}
