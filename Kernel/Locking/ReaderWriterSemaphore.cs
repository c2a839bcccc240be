using System;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Locking;

/// <summary>
/// A lock that many readers or one writer hold, and that waits by sleeping. Not recursive, for readers neither: a reader that comes while a writer waits, waits too. Disables
/// nothing. Use it as <c>using (_lock.EnterRead()) { ... }</c> in task context.
/// <para>Fair both ways: while somebody waits, all that come queue up behind, and who is released is handed the lock in the order of the queue, readers that stand
/// together at once together. So neither readers nor writers can starve the others; a real-time task goes to the front of the queue.</para>
/// <para>Uncontended, each of taking and releasing is one atomic instruction.</para>
/// </summary>
[LockType(LockKind.Sleeping)]
public sealed partial class ReaderWriterSemaphore
{
    private const int Writer = 1;

    // The list of waiters is not empty. Changed with _lock held; while it is set nobody takes the lock without it, so the holders only become fewer.
    private const int Waiters = 2;

    // Readers are counted above the flags.
    private const int Reader = 4;

    private readonly string _name;
    private readonly LockClass _class;
    private IrqSpinLock _lock = new(LockClass.LockWaiters);

    [Atomic]
    private int _word;

    // The writer's pid, for reports and for the check at its release; 0 when there is none.
    [Atomic]
    private int _writer;

    [GuardedBy(nameof(_lock))]
    private WaiterList _waiters;

    /// <summary>Makes a lock that is free.</summary>
    /// <param name="name">Shown by <c>ps</c> for tasks that wait; for the lock validator, all of one name are one class.</param>
    public ReaderWriterSemaphore(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        _name = name;
        _class = LockClasses.Register(name);
    }

    /// <summary>Readers that hold it; for reports, since it may change at once.</summary>
    public int Readers => Math.Max(Volatile.Read(ref _word), 0) / Reader;

    /// <summary>The writer that holds it; for reports, since it may change at once.</summary>
    public TaskStruct? Owner => TaskTable.Find(Volatile.Read(ref _writer));

    /// <summary>Takes the lock for reading, waiting as long as it takes. Task context.</summary>
    [Acquires(Shared = true)]
    [MightSleep]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadGuard EnterRead()
    {
        AcquireRead();
        return new ReadGuard(this);
    }

    /// <summary>Takes the lock for writing, waiting as long as it takes. Task context.</summary>
    [Acquires]
    [MightSleep]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public WriteGuard EnterWrite()
    {
        AcquireWrite();
        return new WriteGuard(this);
    }

    /// <summary>Takes the lock for reading unless something ends the wait before. Task context.</summary>
    /// <param name="deadline">Nanoseconds on the monotonic clock, or <see cref="Scheduler.Never"/>; 0 does not wait.</param>
    /// <param name="mode">What else ends the wait.</param>
    /// <returns>A guard whose <see cref="ReadGuard.Taken"/> tells whether the lock is held now.</returns>
    [Acquires(Shared = true, MayFail = true)]
    [MightSleep]
    public ReadGuard TryEnterRead(ulong deadline = 0, WaitMode mode = WaitMode.Uninterruptible) =>
        TryAcquireRead(deadline, mode) == WaitResult.Woken ? new ReadGuard(this) : default;

    /// <summary>Takes the lock for writing unless something ends the wait before. Task context.</summary>
    /// <param name="deadline">Nanoseconds on the monotonic clock, or <see cref="Scheduler.Never"/>; 0 does not wait.</param>
    /// <param name="mode">What else ends the wait.</param>
    /// <returns>A guard whose <see cref="WriteGuard.Taken"/> tells whether the lock is held now.</returns>
    [Acquires(MayFail = true)]
    [MightSleep]
    public WriteGuard TryEnterWrite(ulong deadline = 0, WaitMode mode = WaitMode.Uninterruptible) =>
        TryAcquireWrite(deadline, mode) == WaitResult.Woken ? new WriteGuard(this) : default;

    /// <summary>Takes the lock for reading; <see cref="ReleaseRead"/> gives it back. Task context.</summary>
    [Acquires(Shared = true)]
    [MightSleep]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AcquireRead() => TryAcquireRead(Scheduler.Never);

    /// <summary>Takes the lock for writing; <see cref="ReleaseWrite"/> gives it back. Task context.</summary>
    [Acquires]
    [MightSleep]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AcquireWrite() => TryAcquireWrite(Scheduler.Never);

    /// <summary>Takes the lock for reading unless something ends the wait before. Task context.</summary>
    /// <param name="deadline">Nanoseconds on the monotonic clock, or <see cref="Scheduler.Never"/>; 0 does not wait.</param>
    /// <param name="mode">What else ends the wait.</param>
    /// <returns><see cref="WaitResult.Woken"/> when it is taken.</returns>
    [Acquires(Shared = true, MayFail = true)]
    [MightSleep]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public WaitResult TryAcquireRead(ulong deadline, WaitMode mode = WaitMode.Uninterruptible)
    {
        if (LockValidator.IsEnabled)
        {
            return AcquireValidated(false, deadline, mode);
        }

        int word = Volatile.Read(ref _word);

        // A full fence: nothing of the critical section is seen before it.
        return (word & (Writer | Waiters)) == 0 && Interlocked.CompareExchange(ref _word, word + Reader, word) == word
            ? WaitResult.Woken
            : AcquireSlow(false, deadline, mode);
    }

    /// <summary>Takes the lock for writing unless something ends the wait before. Task context.</summary>
    /// <param name="deadline">Nanoseconds on the monotonic clock, or <see cref="Scheduler.Never"/>; 0 does not wait.</param>
    /// <param name="mode">What else ends the wait.</param>
    /// <returns><see cref="WaitResult.Woken"/> when it is taken.</returns>
    [Acquires(MayFail = true)]
    [MightSleep]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public WaitResult TryAcquireWrite(ulong deadline, WaitMode mode = WaitMode.Uninterruptible)
    {
        if (LockValidator.IsEnabled)
        {
            return AcquireValidated(true, deadline, mode);
        }

        // A full fence, as for a reader.
        if (Interlocked.CompareExchange(ref _word, Writer, 0) != 0)
        {
            return AcquireSlow(true, deadline, mode);
        }

        Volatile.Write(ref _writer, TaskStruct.Current.Pid);
        return WaitResult.Woken;
    }

    /// <summary>Gives back what was taken for reading. By the task that took it.</summary>
    [Releases]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ReleaseRead()
    {
        LockValidator.Released(this, _class);

        // A full fence: all of the critical section is seen before the reader is gone.
        int word = Interlocked.Add(ref _word, -Reader);
        if (word < Reader && word != 0)
        {
            ReleaseReadSlow(word);
        }
    }

    /// <summary>Gives back what was taken for writing. By the task that took it; anything else is a panic.</summary>
    [Releases]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ReleaseWrite()
    {
        LockValidator.Released(this, _class);
        CheckWriter();
        Volatile.Write(ref _writer, 0);

        // A full fence, as for a reader. Fails when somebody waits.
        if (Interlocked.CompareExchange(ref _word, 0, Writer) != Writer)
        {
            ReleaseWriteSlow(0);
        }
    }

    /// <summary>Makes a reader of the writer, without letting another writer in between; <see cref="ReleaseRead"/> gives it back. By the task that took it for writing.</summary>
    [Releases]
    [Acquires(Shared = true)]
    public void Downgrade()
    {
        LockValidator.Released(this, _class);
        LockValidator.TryAcquired(this, _class, LockAccess.Shared);
        CheckWriter();
        Volatile.Write(ref _writer, 0);

        // A full fence: what was written is seen by the readers that come now.
        if (Interlocked.CompareExchange(ref _word, Reader, Writer) != Writer)
        {
            ReleaseWriteSlow(Reader);
        }
    }

    /// <summary>Holds the lock for reading until it is disposed.</summary>
    public readonly ref struct ReadGuard
    {
        private readonly ReaderWriterSemaphore? _owner;

        internal ReadGuard(ReaderWriterSemaphore owner)
        {
            _owner = owner;
        }

        /// <summary>True when the lock is held by this guard.</summary>
        public bool Taken => _owner is not null;

        /// <summary>Releases the lock.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose() => _owner?.ReleaseRead();
    }

    /// <summary>Holds the lock for writing until it is disposed.</summary>
    public readonly ref struct WriteGuard
    {
        private readonly ReaderWriterSemaphore? _owner;

        internal WriteGuard(ReaderWriterSemaphore owner)
        {
            _owner = owner;
        }

        /// <summary>True when the lock is held by this guard.</summary>
        public bool Taken => _owner is not null;

        /// <summary>Releases the lock.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose() => _owner?.ReleaseWrite();
    }
}
