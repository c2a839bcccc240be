using System;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Locking;

/// <summary>
/// A mutex with priority inheritance: while an urgent task waits for it, its holder runs as urgently as that task, and so does whoever that holder waits for, along the
/// whole chain of such mutexes. So an urgent task waits only for what the holders do with the mutex held, and never for tasks of a middle priority that keep them off the CPU
/// (Sha, Rajkumar, Lehoczky: "Priority Inheritance Protocols", IEEE Transactions on Computers 39(9), 1990).
/// <para>Not recursive; the task that took it releases it. Disables nothing. Use it as <c>using (_mutex.Enter()) { ... }</c> in task context. A release with waiters hands it to the
/// most urgent one, of equals to the one that has waited longest. It does not spin.</para>
/// <para>Waiting in a circle is seen before it begins, since who waits for whom is known. Uncontended, taking and releasing is one atomic instruction each.
/// Contended operations on all such mutexes take one spin lock, <see cref="PriorityInheritance"/>: for a length of time that grows with the chain.</para>
/// </summary>
[LockType(LockKind.Sleeping)]
public sealed partial class RtMutex : InheritingLock
{
    private const int Free = 0;

    // Somebody waits: the release goes to the slow path. Changed with PriorityInheritance.Lock held.
    private const int Waiters = 1;
    private const int OwnerShift = 1;

    private readonly LockClass _class;

    // The owner's pid, above the flag.
    [Atomic]
    private int _word;

    /// <summary>Makes a mutex that is free.</summary>
    /// <param name="name">Shown by <c>ps</c> for tasks that wait; for the lock validator, all of one name are one class.</param>
    public RtMutex(string name)
        : base(name)
    {
        _class = LockClasses.Register(name);
    }

    /// <summary>Who holds it; for reports, since it may change at once.</summary>
    public override TaskStruct? Owner => TaskTable.Find(Volatile.Read(ref _word) >> OwnerShift);

    /// <summary>The running task holds it.</summary>
    public bool IsHeldByCurrent => (Volatile.Read(ref _word) & ~Waiters) == WordOf(TaskStruct.Current);

    /// <summary>Takes the mutex, waiting for it as long as it takes. Task context.</summary>
    /// <exception cref="DeadlockException">Its owner waits for the running task, directly or through others, or is the running task.</exception>
    [Acquires]
    [MightSleep]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Guard Enter()
    {
        Acquire();
        return new Guard(this);
    }

    /// <summary>Takes the mutex if it is free, or unless something ends the wait before. Task context.</summary>
    /// <param name="deadline">Nanoseconds on the monotonic clock, or <see cref="Scheduler.Never"/>; 0 does not wait.</param>
    /// <param name="mode">What else ends the wait.</param>
    /// <returns>A guard whose <see cref="Guard.Taken"/> tells whether the mutex is held now.</returns>
    [Acquires(MayFail = true)]
    [MightSleep]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Guard TryEnter(ulong deadline = 0, WaitMode mode = WaitMode.Uninterruptible) => TryAcquire(deadline, mode) == WaitResult.Woken ? new Guard(this) : default;

    /// <summary>Takes the mutex, waiting for it as long as it takes. <see cref="Release"/> gives it back. Task context.</summary>
    /// <exception cref="DeadlockException">Its owner waits for the running task, directly or through others, or is the running task.</exception>
    [Acquires]
    [MightSleep]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Acquire()
    {
        if (TryAcquire(Scheduler.Never) == WaitResult.Deadlock)
        {
            ThrowDeadlock();
        }
    }

    /// <summary>Takes the mutex unless something ends the wait before. <see cref="Release"/> gives it back. Task context.</summary>
    /// <param name="deadline">Nanoseconds on the monotonic clock, or <see cref="Scheduler.Never"/>; 0 does not wait.</param>
    /// <param name="mode">What else ends the wait.</param>
    /// <returns><see cref="WaitResult.Woken"/> when it is taken; <see cref="WaitResult.Deadlock"/> when its owner waits for the running task, directly or through others, or is the running task.</returns>
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

        // A full fence: nothing of the critical section is seen before it.
        return Interlocked.CompareExchange(ref _word, WordOf(task), Free) == Free ? WaitResult.Woken : AcquireSlow(task, deadline, mode);
    }

    /// <summary>Frees the mutex, or hands it to the most urgent waiter; what waiters lent is given back. By the task that took it; anything else is a panic.</summary>
    [Releases]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Release()
    {
        TaskStruct task = TaskStruct.Current;
        int me = WordOf(task);
        LockValidator.Released(this, _class);

        // A full fence: all of the critical section is seen before the mutex is free. Fails when somebody waits.
        if (Interlocked.CompareExchange(ref _word, Free, me) != me)
        {
            ReleaseSlow(task);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int WordOf(TaskStruct task) => task.Pid << OwnerShift;

    /// <summary>Holds the mutex until it is disposed.</summary>
    public readonly ref struct Guard
    {
        private readonly RtMutex? _mutex;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal Guard(RtMutex mutex)
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
