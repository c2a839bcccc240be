using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks.Time;

/// <summary>The timers that expire on one CPU, by deadline. Its lock is taken with interrupts off and before no other but those that expiring timers take, when it is free again.</summary>
[NoAllocation]
public sealed class TimerQueue
{
    private readonly RunQueue _owner;

    [GuardedBy(nameof(_lock))]
    private readonly OrderedTree<KernelTimer> _timers = new();

    private IrqSpinLock _lock = new(LockClass.TimerQueue);

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private ulong _nextDeadline = ulong.MaxValue;

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private ulong _nextLatest = ulong.MaxValue;

    internal TimerQueue(RunQueue owner)
    {
        _owner = owner;
    }

    /// <summary>The CPU that they expire on.</summary>
    public int Cpu => _owner.Index;

    /// <summary>Timers that wait. Outdated at once. Any context but NMI.</summary>
    public int Count
    {
        get
        {
            using (_lock.Enter())
            {
                return _timers.Count;
            }
        }
    }

    /// <summary>When the clock must interrupt for these timers, or <see cref="ulong.MaxValue"/>.</summary>
    public ulong NextLatest => Volatile.Read(ref _nextLatest);

    [Acquires(nameof(_lock))]
    [InterruptContext]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void LockWithInterruptsOff(int here) => _lock.AcquireWithInterruptsOff(here);

    [Releases(nameof(_lock))]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Unlock() => _lock.ReleaseWithInterruptsOff();

    /// <summary>Adds a timer. On the queue's own CPU.</summary>
    [RequiresLock(nameof(_lock))]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(KernelTimer timer)
    {
        _timers.Add(timer);
        if (timer.Latest < _nextLatest)
        {
            _nextDeadline = timer.Deadline;
            _nextLatest = timer.Latest;
            _owner.EnsureArmed(timer.Latest);
        }
    }

    /// <summary>Removes a timer, on any CPU. The clock stays armed: an interrupt that finds nothing costs less than setting the clock each time.</summary>
    [RequiresLock(nameof(_lock))]
    internal void Remove(KernelTimer timer)
    {
        _timers.Remove(timer);
        UpdateNext();
    }

    /// <summary>
    /// Runs what is due, and what may be early enough to be run together with it. A timer that starts itself again with a deadline that has passed expires at another interrupt: so the
    /// interrupt ends, whatever timers do. In the clock's interrupt, on the queue's own CPU.
    /// </summary>
    [InterruptContext]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Expire(ulong now)
    {
        if (now < Volatile.Read(ref _nextDeadline))
        {
            return;
        }

        int here = _owner.Index;
        _lock.AcquireWithInterruptsOff(here);
        for (int most = _timers.Count; most > 0 && _timers.First is { } timer && timer.Deadline <= now; most--)
        {
            _timers.Remove(timer);
            UpdateNext();
            timer.MarkExpired();
            Unlock();
            timer.Fire(now);
            _lock.AcquireWithInterruptsOff(here);
        }

        Unlock();
    }

    [RequiresLock(nameof(_lock))]
    private void UpdateNext()
    {
        KernelTimer? first = _timers.First;
        Volatile.Write(ref _nextDeadline, first?.Deadline ?? ulong.MaxValue);
        Volatile.Write(ref _nextLatest, first?.Latest ?? ulong.MaxValue);
    }
}
