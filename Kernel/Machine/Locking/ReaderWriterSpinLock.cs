using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Machine.Locking;

/// <summary>
/// A reader-writer spin lock for data that no interrupt handler touches: preemption is off while it is held, for reading too. Many readers or one writer; fair to both: who comes
/// later waits behind who waits already. So nobody may take it for reading twice, not in an interrupt either. Worth its price only where sections are long and read-mostly:
/// a reader makes two atomic operations where a spin lock makes one.
/// A field of this type must not be readonly, and the struct must not be copied.
/// </summary>
[LockType(LockKind.PreemptionOff)]
public struct ReaderWriterSpinLock
{
    private QueuedReaderWriterLock _lock;

    /// <summary>Makes a free lock.</summary>
    /// <param name="lockClass">What kind of lock it is.</param>
    public ReaderWriterSpinLock(LockClass lockClass)
        : this(lockClass, 0)
    {
    }

    /// <summary>Makes a free lock of a class of which several may be held together.</summary>
    /// <param name="lockClass">What kind of lock it is.</param>
    /// <param name="number">Its place in the order in which locks of the class are taken, 0 to 65,535.</param>
    public ReaderWriterSpinLock(LockClass lockClass, int number)
    {
        _lock = new QueuedReaderWriterLock(lockClass, number);
    }

    /// <summary>True while somebody holds it in either way: for reports, since it may change at once.</summary>
    public readonly bool IsHeld => _lock.IsHeld;

    /// <summary>True while this CPU holds it for writing. Meaningful with preemption off.</summary>
    public readonly bool IsHeldForWritingHere => _lock.IsHeldForWritingHere;

    /// <summary>Takes the lock for reading, spinning until no writer is before this CPU. Task context or with preemption already off; not in interrupts.</summary>
    [Acquires(Shared = true)]
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadGuard EnterRead()
    {
        Preemption.Begin();
        _lock.AcquireRead();
        return new ReadGuard(ref _lock);
    }

    /// <summary>Takes the lock for reading if no writer has it or waits for it.</summary>
    /// <returns>A guard whose <see cref="ReadGuard.Taken"/> tells whether the lock is held now.</returns>
    [Acquires(Shared = true, MayFail = true)]
    [UnscopedRef]
    public ReadGuard TryEnterRead()
    {
        Preemption.Begin();
        if (_lock.TryAcquireRead())
        {
            return new ReadGuard(ref _lock);
        }

        Preemption.End();
        return default;
    }

    /// <summary>Takes the lock for writing, spinning until it is this CPU's turn. Task context or with preemption already off; not in interrupts.</summary>
    [Acquires]
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public WriteGuard EnterWrite()
    {
        Preemption.Begin();
        _lock.AcquireWrite();
        return new WriteGuard(ref _lock);
    }

    /// <summary>Takes the lock for writing if nobody has it.</summary>
    /// <returns>A guard whose <see cref="WriteGuard.Taken"/> tells whether the lock is held now.</returns>
    [Acquires(MayFail = true)]
    [UnscopedRef]
    public WriteGuard TryEnterWrite()
    {
        Preemption.Begin();
        if (_lock.TryAcquireWrite())
        {
            return new WriteGuard(ref _lock);
        }

        Preemption.End();
        return default;
    }

    /// <summary>Holds the lock for reading until it is disposed.</summary>
    public readonly ref struct ReadGuard
    {
        private readonly ref QueuedReaderWriterLock _lock;

        internal ReadGuard(ref QueuedReaderWriterLock theLock)
        {
            _lock = ref theLock;
        }

        /// <summary>True when the lock is held by this guard.</summary>
        public bool Taken => !Unsafe.IsNullRef(ref _lock);

        /// <summary>Releases the lock; a pending reschedule happens here.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose()
        {
            if (Taken)
            {
                _lock.ReleaseRead();
                Preemption.End();
            }
        }
    }

    /// <summary>Holds the lock for writing until it is disposed.</summary>
    public readonly ref struct WriteGuard
    {
        private readonly ref QueuedReaderWriterLock _lock;

        internal WriteGuard(ref QueuedReaderWriterLock theLock)
        {
            _lock = ref theLock;
        }

        /// <summary>True when the lock is held by this guard.</summary>
        public bool Taken => !Unsafe.IsNullRef(ref _lock);

        /// <summary>Releases the lock; a pending reschedule happens here.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose()
        {
            if (Taken)
            {
                _lock.ReleaseWrite();
                Preemption.End();
            }
        }
    }
}
