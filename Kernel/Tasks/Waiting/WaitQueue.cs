using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks.Waiting;

/// <summary>
/// Tasks that wait for a condition that others make true. The condition is the caller's; the queue only makes sure that a wake-up between
/// the check and the sleep is not lost:
/// <code>
/// using WaitQueue.Wait wait = queue.Begin();
/// while (true)
/// {
///     wait.Prepare();
///     if (condition) { break; }
///     WaitResult result = wait.Sleep();
///     if (result != WaitResult.Woken) { return result; }
/// }
/// </code>
/// Who makes the condition true does so first and calls <see cref="WakeOne"/> or <see cref="WakeAll"/> after.
/// </summary>
public sealed class WaitQueue
{
    private readonly string _name;
    private IrqSpinLock _lock = new(LockClass.WaitQueue);

    [GuardedBy(nameof(_lock))]
    private WaiterList _waiters;

    /// <summary>Makes an empty queue.</summary>
    /// <param name="name">Shown by <c>ps</c> for tasks that wait.</param>
    public WaitQueue(string name)
    {
        _name = name;
    }

    /// <summary>Begins a wait of the running task. Task context.</summary>
    /// <param name="deadline">Nanoseconds on the monotonic clock, or <see cref="Scheduler.Never"/>.</param>
    /// <param name="mode">What else ends the wait.</param>
    /// <param name="exclusive">One wake-up is for only one of the exclusive waiters.</param>
    public Wait Begin(ulong deadline = Scheduler.Never, WaitMode mode = WaitMode.Interruptible, bool exclusive = false) => new(this, deadline, mode, exclusive);

    /// <summary>Wakes all waiters that are not exclusive and the exclusive one that is next: the most urgent real-time task, or else who has waited longest. Any context but NMI.</summary>
    /// <returns>How many were woken.</returns>
    [NoAllocation]
    public int WakeOne() => Wake(1);

    /// <summary>Wakes all waiters, exclusive ones too. Any context but NMI.</summary>
    /// <returns>How many were woken.</returns>
    [NoAllocation]
    public int WakeAll() => Wake(int.MaxValue);

    // Exclusive waiters are after the others, in order: the walk ends at the last exclusive one that is to wake.
    private int Wake(int exclusive)
    {
        int woken = 0;
        using (_lock.Enter())
        {
            while (_waiters.First is { } waiter)
            {
                if (waiter.IsExclusive && exclusive-- <= 0)
                {
                    break;
                }

                _waiters.WakeFirst();
                woken++;
            }
        }

        return woken;
    }

    /// <summary>A wait in progress. Disposing it leaves the queue.</summary>
    public ref struct Wait
    {
        private readonly WaitQueue _queue;
        private readonly ulong _deadline;
        private readonly WaitMode _mode;
        private readonly TaskStruct _task;

        internal Wait(WaitQueue queue, ulong deadline, WaitMode mode, bool exclusive)
        {
            _queue = queue;
            _deadline = deadline;
            _mode = mode;
            _task = TaskStruct.Current;
            _task.Waiter.IsExclusive = exclusive;
        }

        /// <summary>From here on a wake-up ends the next <see cref="Sleep"/>. Check the condition after this. Between this and Sleep the task must not wait for anything else.</summary>
        [NoAllocation]
        public readonly void Prepare()
        {
            Waiter waiter = _task.Waiter;
            using (_queue._lock.Enter())
            {
                if (!waiter.IsListed)
                {
                    if (waiter.IsExclusive)
                    {
                        _queue._waiters.AddByUrgency(waiter);
                    }
                    else
                    {
                        // Before all exclusive ones, whose urgency is never less than 0.
                        waiter.Key = 0;
                        _queue._waiters.AddFirst(waiter);
                    }
                }

                _task.PrepareToSleep(_mode, _queue._name);
            }
        }

        /// <summary>Sleeps unless there was a wake-up since <see cref="Prepare"/>.</summary>
        /// <returns>
        /// <see cref="WaitResult.Woken"/>: check the condition again. A wake-up that comes together with the deadline or a kill counts as wake-up,
        /// so that an exclusive one is not lost.
        /// </returns>
        [MightSleep]
        public readonly WaitResult Sleep()
        {
            Scheduler.Sleep(_deadline);
            using (_queue._lock.Enter())
            {
                if (!_task.Waiter.IsListed)
                {
                    return WaitResult.Woken;
                }

                bool interrupted = _task.MustEndSleep(_mode);
                if (interrupted || (_deadline != Scheduler.Never && Clock.MonotonicNanoseconds >= _deadline))
                {
                    // Left now, under the lock: a later wake-up goes to another waiter.
                    _queue._waiters.Remove(_task.Waiter);
                    return interrupted ? WaitResult.Interrupted : WaitResult.TimedOut;
                }

                return WaitResult.Woken;
            }
        }

        /// <summary>Leaves the queue and makes the task runnable for good.</summary>
        [NoAllocation]
        public readonly void Dispose()
        {
            _task.SetRunnable();
            using (_queue._lock.Enter())
            {
                if (_task.Waiter.IsListed)
                {
                    _queue._waiters.Remove(_task.Waiter);
                }
            }
        }
    }
}
