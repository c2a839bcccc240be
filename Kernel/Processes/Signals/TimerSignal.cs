using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>
/// The signal of a POSIX timer (timer_create(2)): made with the timer, so that expiring allocates nothing, and queued once at most; expiries while it is queued are overruns. The owner sets
/// <see cref="QueuedSignal.Info"/> before the timer is armed. Send it by <see cref="Signals.SendTimer(Process, TimerSignal)"/>.
/// </summary>
public abstract class TimerSignal : QueuedSignal
{
    [Atomic]
    private int _queued;

    internal sealed override bool IsTimer => true;

    /// <summary>It waits in a queue.</summary>
    public bool IsQueued => Volatile.Read(ref _queued) != 0;

    /// <summary>The signal is being taken: the timer counts overruns, starts its next period, and puts the overrun count into the information. Under the process's signal lock, interrupts off.</summary>
    /// <returns>False: the timer is gone meanwhile, and the signal is dropped.</returns>
    [NoAllocation]
    protected internal abstract bool OnTaken();

    /// <summary>Claims it for a queue.</summary>
    [NoAllocation]
    internal bool TryClaim() => Interlocked.Exchange(ref _queued, 1) == 0;

    /// <summary>It has left its queue.</summary>
    [NoAllocation]
    internal void Unclaim() => Volatile.Write(ref _queued, 0);
}
