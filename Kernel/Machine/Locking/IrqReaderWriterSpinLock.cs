using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Cpus;

namespace CosmosKernel.Machine.Locking;

/// <summary>
/// A reader-writer spin lock for data that interrupt handlers touch: interrupts are off on this CPU while it is held, for reading too. Many readers or one writer; fair to both: who comes
/// later waits behind who waits already. So nobody may take it for reading twice, not in an interrupt either. Worth its price only where sections are long and read-mostly:
/// a reader makes two atomic operations where a spin lock makes one.
/// A field of this type must not be readonly, and the struct must not be copied.
/// </summary>
[LockType(LockKind.InterruptsOff)]
public struct IrqReaderWriterSpinLock
{
    private QueuedReaderWriterLock _lock;

    /// <summary>Makes a free lock.</summary>
    /// <param name="lockClass">What kind of lock it is.</param>
    public IrqReaderWriterSpinLock(LockClass lockClass)
        : this(lockClass, 0)
    {
    }

    /// <summary>Makes a free lock of a class of which several may be held together.</summary>
    /// <param name="lockClass">What kind of lock it is.</param>
    /// <param name="number">Its place in the order in which locks of the class are taken, 0 to 65,535.</param>
    public IrqReaderWriterSpinLock(LockClass lockClass, int number)
    {
        _lock = new QueuedReaderWriterLock(lockClass, number);
    }

    /// <summary>True while somebody holds it in either way: for reports, since it may change at once.</summary>
    public readonly bool IsHeld => _lock.IsHeld;

    /// <summary>True while this CPU holds it for writing. Meaningful with preemption off.</summary>
    public readonly bool IsHeldForWritingHere => _lock.IsHeldForWritingHere;

    /// <summary>Takes the lock for reading, spinning until no writer is before this CPU. Any context but NMI.</summary>
    [Acquires(Shared = true)]
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadGuard EnterRead()
    {
        ulong flags = InterruptFlag.Disable();
        _lock.AcquireRead();
        return new ReadGuard(ref _lock, flags);
    }

    /// <summary>Takes the lock for reading if no writer has it or waits for it.</summary>
    /// <returns>A guard whose <see cref="ReadGuard.Taken"/> tells whether the lock is held now.</returns>
    [Acquires(Shared = true, MayFail = true)]
    [UnscopedRef]
    public ReadGuard TryEnterRead()
    {
        ulong flags = InterruptFlag.Disable();
        if (_lock.TryAcquireRead())
        {
            return new ReadGuard(ref _lock, flags);
        }

        Preemption.RestoreInterrupts(flags);
        return default;
    }

    /// <summary>Takes the lock for writing, spinning until it is this CPU's turn. Any context but NMI.</summary>
    [Acquires]
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public WriteGuard EnterWrite()
    {
        ulong flags = InterruptFlag.Disable();
        _lock.AcquireWrite();
        return new WriteGuard(ref _lock, flags);
    }

    /// <summary>Takes the lock for writing if nobody has it.</summary>
    /// <returns>A guard whose <see cref="WriteGuard.Taken"/> tells whether the lock is held now.</returns>
    [Acquires(MayFail = true)]
    [UnscopedRef]
    public WriteGuard TryEnterWrite()
    {
        ulong flags = InterruptFlag.Disable();
        if (_lock.TryAcquireWrite())
        {
            return new WriteGuard(ref _lock, flags);
        }

        Preemption.RestoreInterrupts(flags);
        return default;
    }

    /// <summary>Holds the lock for reading until it is disposed.</summary>
    public readonly ref struct ReadGuard
    {
        private readonly ref QueuedReaderWriterLock _lock;
        private readonly ulong _flags;

        internal ReadGuard(ref QueuedReaderWriterLock theLock, ulong flags)
        {
            _lock = ref theLock;
            _flags = flags;
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
                Preemption.RestoreInterrupts(_flags);
            }
        }
    }

    /// <summary>Holds the lock for writing until it is disposed.</summary>
    public readonly ref struct WriteGuard
    {
        private readonly ref QueuedReaderWriterLock _lock;
        private readonly ulong _flags;

        internal WriteGuard(ref QueuedReaderWriterLock theLock, ulong flags)
        {
            _lock = ref theLock;
            _flags = flags;
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
                Preemption.RestoreInterrupts(_flags);
            }
        }
    }
}
