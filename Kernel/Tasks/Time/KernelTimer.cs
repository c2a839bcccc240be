using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks.Time;

/// <summary>
/// A one-shot timer with nanosecond deadlines. Derive from it and override <see cref="OnExpired"/>, which runs in hard-interrupt context on the CPU where the
/// timer was started. Starting, cancelling and starting again are O(log n), allocate nothing and may be done in any context but NMI,
/// in <see cref="OnExpired"/> too, and by several CPUs at once.
/// </summary>
[NoAllocation]
public abstract class KernelTimer : TreeNode<KernelTimer>
{
    // The queue that the timer is in or was in last; changed only with that queue's lock held. Null until the first start.
    [Atomic]
    private TimerQueue? _queue;

    /// <summary>Started and not yet expired or cancelled. Outdated at once unless the caller excludes others.</summary>
    public bool IsPending => Volatile.Read(ref _isPending);

    [GuardedBy(typeof(TimerQueue), "_lock", LockFreeReads = true)]
    private bool _isPending;

    // CPUs on which OnExpired runs. More than one when it was started elsewhere and expired there while it still ran. Raised with the lock held of the queue
    // that the timer was in, so whoever holds the lock of the queue that it is in now sees it.
    [Atomic]
    private int _firing;

    // The deadline; the key, by which the queue is ordered, is the deadline and the slack.
    [GuardedBy(typeof(TimerQueue), "_lock", LockFreeReads = true)]
    private ulong _deadline;

    /// <summary>When it expires or did last at the earliest, in nanoseconds on the monotonic clock.</summary>
    public ulong Deadline => Volatile.Read(ref _deadline);

    /// <summary>When it expires at the latest: the clock interrupts then, if no other event came between.</summary>
    internal ulong Latest
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Key;
    }

    /// <summary>Starts it, or starts it anew with another deadline.</summary>
    /// <param name="deadline">Nanoseconds on the monotonic clock; one that has passed expires as soon as interrupts are on, or a few microseconds later when <see cref="OnExpired"/> starts it.</param>
    /// <param name="slack">Nanoseconds that it may be later, so that it expires together with others.</param>
    public void Start(ulong deadline, ulong slack = 0)
    {
        ulong flags = InterruptFlag.Disable();
        TimerQueue here = RunQueue.Current.Timers;
        if (Volatile.Read(ref _queue) is null)
        {
            Interlocked.CompareExchange(ref _queue, here, null);
        }

        while (true)
        {
            TimerQueue queue = LockQueue(here.Cpu);
            if (_isPending)
            {
                queue.Remove(this);
                _isPending = false;
            }

            if (ReferenceEquals(queue, here))
            {
                _deadline = deadline;
                Key = slack < ulong.MaxValue - deadline ? deadline + slack : ulong.MaxValue;
                _isPending = true;
                queue.Add(this);
                queue.Unlock();
                break;
            }

            // Moves to this CPU; another CPU may start it again in between, then the last one wins.
            Volatile.Write(ref _queue, here);
            queue.Unlock();
        }

        Preemption.RestoreInterrupts(flags);
    }

    /// <summary>Stops it if it has not expired. <see cref="OnExpired"/> may still be running on another CPU when this returns false.</summary>
    /// <returns>True when it was pending: it will not expire.</returns>
    public bool Cancel()
    {
        // A timer of one's own that has expired: nothing to lock. Who races with a Start elsewhere may miss it, as if it had come first.
        return IsPending && TakeBack(out _);
    }

    /// <summary>
    /// As <see cref="Cancel"/>, and waits until <see cref="OnExpired"/> is not running on any CPU and has not started the timer again: afterwards nothing of the
    /// timer happens unless somebody else starts it. Not in <see cref="OnExpired"/> itself, nor with a lock held that it takes.
    /// </summary>
    /// <returns>True when it was pending.</returns>
    public bool CancelAndWait()
    {
        if (Volatile.Read(ref _queue) is null)
        {
            return false;
        }

        bool pending = TakeBack(out bool isFiring);
        while (isFiring)
        {
            CpuInstructions.Pause();
            pending |= TakeBack(out isFiring);
        }

        return pending;
    }

    /// <summary>The deadline has passed. Hard-interrupt context: no allocation, no exception, no sleeping. May start the timer again.</summary>
    /// <param name="now">Nanoseconds on the monotonic clock, read at the interrupt.</param>
    [InterruptContext]
    protected abstract void OnExpired(ulong now);

    /// <summary>Taken out of its queue because the deadline passed; <see cref="Fire"/> follows without the lock.</summary>
    [RequiresLock(typeof(TimerQueue), "_lock")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void MarkExpired()
    {
        _isPending = false;
        Interlocked.Increment(ref _firing);
    }

    /// <summary>Calls <see cref="OnExpired"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Fire(ulong now)
    {
        OnExpired(now);
        Interlocked.Decrement(ref _firing);
    }

    // Makes it not pending. Whether it fires is asked under the same lock: then it is neither pending nor about to be, but by others.
    private bool TakeBack(out bool isFiring)
    {
        ulong flags = InterruptFlag.Disable();
        TimerQueue queue = LockQueue(Cpu.CurrentIndex);
        bool pending = _isPending;
        if (pending)
        {
            queue.Remove(this);
            _isPending = false;
        }

        isFiring = Volatile.Read(ref _firing) != 0;
        queue.Unlock();
        Preemption.RestoreInterrupts(flags);
        return pending;
    }

    // Interrupts are off.
    [Acquires("return._lock")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TimerQueue LockQueue(int here)
    {
        TimerQueue queue = Volatile.Read(ref _queue)!;
        queue.LockWithInterruptsOff(here);
        if (ReferenceEquals(queue, Volatile.Read(ref _queue)))
        {
            return queue;
        }

        return LockQueueAgain(queue, here);
    }

    // It moved to another CPU meanwhile.
    [Releases("queue._lock")]
    [Acquires("return._lock")]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private TimerQueue LockQueueAgain(TimerQueue queue, int here)
    {
        while (!ReferenceEquals(queue, Volatile.Read(ref _queue)))
        {
            queue.Unlock();
            CpuInstructions.Pause();
            queue = Volatile.Read(ref _queue)!;
            queue.LockWithInterruptsOff(here);
        }

        return queue;
    }
}
