using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Deferred;

namespace CosmosKernel.Modules.Network;

/// <summary>
/// Takes frames from a device in portions, as NAPI of Linux: the interrupt handler turns the device's interrupts off and calls <see cref="Schedule"/>; <see cref="Poll"/> is then called in a deferred call, again and
/// again until it has found fewer frames than it was allowed, with everything else that waits on the CPU in between. So a flood of frames costs no interrupts, and beyond a millisecond it competes with tasks
/// (docs/deferred-work.md). One poll never runs on two CPUs at once; a device with several queues has one for each.
/// </summary>
public abstract class ReceivePoll : DeferredCall
{
    /// <summary>Frames in one go.</summary>
    public const int DefaultBudget = 64;

    private readonly int _budget;

    [Atomic]
    private long _polls;

    [Atomic]
    private long _exhausted;

    /// <summary>Makes one.</summary>
    /// <param name="budget">Frames in one go, 1 to 1,024.</param>
    protected ReceivePoll(int budget = DefaultBudget)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(budget, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(budget, 1024);
        _budget = budget;
    }

    /// <summary>How often it has run. Any context.</summary>
    public long Polls => Volatile.Read(ref _polls);

    /// <summary>How often it found as many frames as it was allowed. Any context.</summary>
    public long Exhausted => Volatile.Read(ref _exhausted);

    /// <summary>Lets it run soon on this CPU. Any context but NMI.</summary>
    [NoAllocation]
    public void Schedule() => Request();

    /// <summary>
    /// Takes frames and gives each to <see cref="NetworkDevice.Deliver"/>. When there are fewer than allowed it lets the device interrupt again, and looks once more after that. Interrupts on, preemption off: no
    /// waiting, no allocation, no exception.
    /// </summary>
    /// <param name="budget">Frames that it may take.</param>
    /// <returns>How many it took. As many as allowed: it is called again.</returns>
    [NoAllocation]
    protected abstract int Poll(int budget);

    /// <inheritdoc/>
    [NoAllocation]
    protected sealed override void Run()
    {
        Interlocked.Increment(ref _polls);
        if (Poll(_budget) >= _budget)
        {
            Interlocked.Increment(ref _exhausted);
            Request();
        }
    }
}
