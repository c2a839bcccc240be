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
    private readonly OrderedTree<KernelTimer> _timers = new();
    private IrqSpinLock _lock;
    private ulong _nextDeadline = ulong.MaxValue;

    internal TimerQueue(RunQueue owner)
    {
        _owner = owner;
    }

    /// <summary>The CPU that they expire on.</summary>
    public int Cpu => _owner.Index;

    /// <summary>Timers that wait. Outdated at once.</summary>
    public int Count => _timers.Count;

    /// <summary>The earliest deadline, or <see cref="ulong.MaxValue"/>.</summary>
    public ulong NextDeadline => Volatile.Read(ref _nextDeadline);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void LockWithInterruptsOff(int here) => _lock.AcquireWithInterruptsOff(here);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Unlock() => _lock.ReleaseWithInterruptsOff();

    /// <summary>Adds a timer. On the queue's own CPU.</summary>
    [RequiresLock(nameof(_lock))]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(KernelTimer timer)
    {
        _timers.Add(timer);
        if (timer.Deadline < _nextDeadline)
        {
            _nextDeadline = timer.Deadline;
            _owner.EnsureArmed(timer.Deadline);
        }
    }

    /// <summary>Removes a timer, on any CPU. The clock stays armed: an interrupt that finds nothing costs less than setting the clock each time.</summary>
    [RequiresLock(nameof(_lock))]
    internal void Remove(KernelTimer timer)
    {
        _timers.Remove(timer);
        UpdateNext();
    }

    /// <summary>Runs what is due. In the clock's interrupt, on the queue's own CPU.</summary>
    [InterruptContext]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Expire(ulong now)
    {
        if (now < NextDeadline)
        {
            return;
        }

        int here = _owner.Index;
        _lock.AcquireWithInterruptsOff(here);
        while (_timers.First is { } timer && timer.Deadline <= now)
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

    private void UpdateNext() => Volatile.Write(ref _nextDeadline, _timers.First?.Deadline ?? ulong.MaxValue);
}
