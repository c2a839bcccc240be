using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks.Waiting;

/// <summary>
/// A lock that waits by sleeping. Not recursive; the task that took it releases it. Disables nothing. Use it as <c>using (_mutex.Enter()) { ... }</c> in task context.
/// <para>Uncontended, taking and releasing it is one atomic instruction each. Contended it is adaptive: who comes spins as long as the owner runs on another CPU,
/// since it will be done before a sleep and a wake-up would be; otherwise it sleeps.</para>
/// <para>A release frees the mutex and wakes the first waiter, so that whoever runs already may take it meanwhile: handing it to a task that has yet to be
/// woken would let all others stand still for the time of a switch. But a waiter that finds it taken <see cref="TriesBeforeHandOff"/> times, or at once if it is a
/// real-time task, asks for a hand-over: then nobody else can take it, and the next release gives it to that waiter. So nobody starves.</para>
/// </summary>
[LockType(LockKind.Sleeping)]
public sealed partial class Mutex
{
    /// <summary>How often an ordinary task that is first in the queue is woken in vain before the mutex is handed to it.</summary>
    public const int TriesBeforeHandOff = 3;

    private const int Free = 0;

    // Somebody waits in the list: a release must come to the slow path. Set and cleared with _lock held.
    private const int Waiters = 1;

    // The mutex is held, and its release hands it to the first waiter. Set and cleared with _lock held.
    private const int HandOff = 2;
    private const int Flags = Waiters | HandOff;
    private const int OwnerShift = 2;

    private readonly string _name;
    private readonly LockClass _class;
    private IrqSpinLock _lock = new(LockClass.MutexWaiters);

    // The owner's pid, above the flags: so that one instruction takes the mutex, says who did, and later checks it and releases.
    [Atomic]
    private int _word;

    [GuardedBy(nameof(_lock))]
    private WaiterList _waiters;

    /// <summary>Makes a mutex that is free.</summary>
    /// <param name="name">Shown by <c>ps</c> for tasks that wait; for the lock validator, all of one name are one class.</param>
    public Mutex(string name)
        : this(name, LockClasses.Register(name))
    {
    }

    /// <summary>Makes a mutex that is free.</summary>
    /// <param name="name">Shown by <c>ps</c> for tasks that wait.</param>
    /// <param name="lockClass">Its class for the lock validator; <see cref="LockClass.Unclassified"/> where the order is not the kernel's own, as in CoreLib's monitors.</param>
    public Mutex(string name, LockClass lockClass)
    {
        _name = name;
        _class = lockClass;
    }

    /// <summary>Who holds it; for reports, since it may change at once.</summary>
    public TaskStruct? Owner => TaskTable.Find(Volatile.Read(ref _word) >> OwnerShift);

    /// <summary>The running task holds it.</summary>
    public bool IsHeldByCurrent => (Volatile.Read(ref _word) & ~Flags) == WordOf(TaskStruct.Current);

    /// <summary>Takes the mutex, waiting for it as long as it takes. Task context.</summary>
    [Acquires]
    [MightSleep]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Guard Enter()
    {
        Acquire();
        return new Guard(this);
    }

    /// <summary>Takes the mutex if it is free. Task context.</summary>
    /// <returns>A guard whose <see cref="Guard.Taken"/> tells whether the mutex is held now.</returns>
    [Acquires(MayFail = true)]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Guard TryEnter() => TryAcquire() ? new Guard(this) : default;

    /// <summary>Takes the mutex unless something ends the wait before. Task context.</summary>
    /// <param name="deadline">Nanoseconds on the monotonic clock, or <see cref="Scheduler.Never"/>; 0 does not wait.</param>
    /// <param name="mode">What else ends the wait.</param>
    /// <returns>A guard whose <see cref="Guard.Taken"/> tells whether the mutex is held now.</returns>
    [Acquires(MayFail = true)]
    [MightSleep]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Guard TryEnter(ulong deadline, WaitMode mode = WaitMode.Uninterruptible) => TryAcquire(deadline, mode) == WaitResult.Woken ? new Guard(this) : default;

    /// <summary>Takes the mutex if it is free. <see cref="Release"/> gives it back. Task context.</summary>
    /// <returns>False when it is held.</returns>
    [Acquires(MayFail = true)]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAcquire()
    {
        int me = WordOf(TaskStruct.Current);

        // A full fence: nothing of the critical section is seen before it. Pairs with the release.
        bool taken = Interlocked.CompareExchange(ref _word, me, Free) == Free || TakeIfFree(me);
        if (LockValidator.IsEnabled && taken)
        {
            LockValidator.TryAcquired(this, _class);
        }

        return taken;
    }

    /// <summary>Takes the mutex, waiting for it as long as it takes. <see cref="Release"/> gives it back. Task context.</summary>
    [Acquires]
    [MightSleep]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Acquire() => TryAcquire(Scheduler.Never);

    /// <summary>Takes the mutex unless something ends the wait before. <see cref="Release"/> gives it back. Task context.</summary>
    /// <param name="deadline">Nanoseconds on the monotonic clock, or <see cref="Scheduler.Never"/>; 0 does not wait.</param>
    /// <param name="mode">What else ends the wait.</param>
    /// <returns><see cref="WaitResult.Woken"/> when it is taken.</returns>
    [Acquires(MayFail = true)]
    [MightSleep]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public WaitResult TryAcquire(ulong deadline, WaitMode mode = WaitMode.Uninterruptible)
    {
        TaskStruct task = TaskStruct.Current;
        if (LockValidator.IsEnabled)
        {
            return AcquireValidated(task, deadline, mode);
        }

        // A full fence, as in TryAcquire.
        return Interlocked.CompareExchange(ref _word, WordOf(task), Free) == Free ? WaitResult.Woken : AcquireSlow(task, deadline, mode);
    }

    /// <summary>Frees the mutex, or hands it over. By the task that took it; anything else is a panic.</summary>
    [Releases]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Release()
    {
        int me = WordOf(TaskStruct.Current);
        LockValidator.Released(this, _class);

        // A full fence: all of the critical section is seen before the mutex is free. Fails when somebody waits.
        if (Interlocked.CompareExchange(ref _word, Free, me) != me)
        {
            ReleaseSlow(me);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int WordOf(TaskStruct task) => task.Pid << OwnerShift;

    /// <summary>Holds the mutex until it is disposed.</summary>
    public readonly ref struct Guard
    {
        private readonly Mutex? _mutex;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal Guard(Mutex mutex)
        {
            _mutex = mutex;
        }

        /// <summary>True when the mutex is held by this guard.</summary>
        public bool Taken => _mutex is not null;

        /// <summary>Releases the mutex.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose() => _mutex?.Release();
    }
}
