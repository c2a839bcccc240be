using System.Threading;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks.Waiting;

/// <summary>
/// A lock that waits by sleeping. Not recursive; the task that took it releases it. Taking and releasing it uncontended is one atomic instruction each.
/// Released with waiters, it is handed to the one that has waited longest. Use it as <c>using (_mutex.Enter()) { ... }</c> in task context.
/// </summary>
public sealed class Mutex
{
    private const int Free = 0;
    private const int Held = 1;
    private const int HeldWithWaiters = 2;

    private readonly string _name;
    private IrqSpinLock _lock;
    private int _state;
    private TaskStruct? _owner;

    [GuardedBy(nameof(_lock))]
    private WaiterList _waiters;

    /// <summary>Makes a mutex that is free.</summary>
    /// <param name="name">Shown by <c>ps</c> for tasks that wait.</param>
    public Mutex(string name)
    {
        _name = name;
    }

    /// <summary>Who holds it; for reports.</summary>
    public TaskStruct? Owner => Volatile.Read(ref _owner);

    /// <summary>Takes the mutex, waiting for it as long as it takes. Task context.</summary>
    [MightSleep]
    public Guard Enter()
    {
        Acquire(Scheduler.Never, interruptible: false);
        return new Guard(this);
    }

    /// <summary>Takes the mutex if it is free.</summary>
    /// <returns>False when it is held.</returns>
    public bool TryAcquire()
    {
        if (Interlocked.CompareExchange(ref _state, Held, Free) != Free)
        {
            return false;
        }

        _owner = TaskStruct.Current;
        return true;
    }

    /// <summary>Takes the mutex. <see cref="Release"/> gives it back. Task context.</summary>
    /// <param name="deadline">Nanoseconds on the monotonic clock, or <see cref="Scheduler.Never"/>; 0 does not wait.</param>
    /// <param name="interruptible">A kill or an interrupt ends the wait.</param>
    /// <returns><see cref="WaitResult.Woken"/> when it is taken.</returns>
    [MightSleep]
    public WaitResult Acquire(ulong deadline, bool interruptible) => TryAcquire() ? WaitResult.Woken : AcquireSlow(deadline, interruptible);

    /// <summary>Gives the mutex to the task that has waited longest, or frees it. By the task that took it; anything else is a panic.</summary>
    public void Release()
    {
        if (!ReferenceEquals(_owner, TaskStruct.Current))
        {
            Panic.Now("A task releases a mutex that it does not hold"u8);
        }

        _owner = null;
        if (Interlocked.CompareExchange(ref _state, Free, Held) != Held)
        {
            ReleaseSlow();
        }
    }

    private WaitResult AcquireSlow(ulong deadline, bool interruptible)
    {
        TaskStruct task = TaskStruct.Current;
        if (ReferenceEquals(_owner, task))
        {
            Panic.Now("A task waits for a mutex that it holds itself"u8);
        }

        using (_lock.Enter())
        {
            // Marks that somebody waits; who releases then comes to the slow path, and waits there for this lock.
            if (Interlocked.Exchange(ref _state, HeldWithWaiters) == Free)
            {
                _state = _waiters.IsEmpty ? Held : HeldWithWaiters;
                _owner = task;
                return WaitResult.Woken;
            }

            if (deadline == 0)
            {
                return WaitResult.TimedOut;
            }

            _waiters.AddLast(task.Waiter);
            task.PrepareToSleep(interruptible, _name);
        }

        WaitResult result = _waiters.SleepUntilTaken(ref _lock, deadline, interruptible, _name);
        if (result == WaitResult.Woken)
        {
            _owner = task;
        }

        return result;
    }

    // The state is HeldWithWaiters; the waiters may have given up meanwhile.
    private void ReleaseSlow()
    {
        using (_lock.Enter())
        {
            if (_waiters.IsEmpty)
            {
                Volatile.Write(ref _state, Free);
                return;
            }

            // Handed over: the state never says free.
            _waiters.WakeFirst();
            if (_waiters.IsEmpty)
            {
                Volatile.Write(ref _state, Held);
            }
        }
    }

    /// <summary>Holds the mutex until it is disposed.</summary>
    public readonly ref struct Guard
    {
        private readonly Mutex? _mutex;

        internal Guard(Mutex mutex)
        {
            _mutex = mutex;
        }

        /// <summary>Releases the mutex.</summary>
        public void Dispose() => _mutex?.Release();
    }
}
