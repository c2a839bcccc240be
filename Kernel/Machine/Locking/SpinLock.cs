using System.Diagnostics.CodeAnalysis;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Machine.Locking;

/// <summary>
/// A spin lock for data that no interrupt handler touches: preemption is off while it is held, interrupts stay on.
/// First come, first served, but not under a hypervisor (<see cref="SpinLockOrder"/>); not recursive: taking it twice on one CPU panics. Use it as
/// <c>using (_lock.Enter()) { ... }</c>. Inside: no sleeping, no allocation, no exception, short.
/// A field of this type must not be readonly, and the struct must not be copied.
/// </summary>
[LockType(LockKind.PreemptionOff)]
public struct SpinLock
{
    private QueuedLock _word;

    /// <summary>Makes a free lock.</summary>
    /// <param name="lockClass">What kind of lock it is.</param>
    public SpinLock(LockClass lockClass)
        : this(lockClass, 0)
    {
    }

    /// <summary>Makes a free lock of a class of which several may be held together.</summary>
    /// <param name="lockClass">What kind of lock it is.</param>
    /// <param name="number">Its place in the order in which locks of the class are taken, 0 to 65,535.</param>
    public SpinLock(LockClass lockClass, int number)
    {
        _word = new QueuedLock(lockClass, number);
    }

    /// <summary>For the validator: this lock is waited for here, and not held.</summary>
    internal void NoteWait() => _word.NoteWait();

    /// <summary>True while some CPU holds the lock: for reports, since it may change at once.</summary>
    public readonly bool IsHeld => _word.IsHeld;

    /// <summary>True while this CPU holds the lock. Meaningful with preemption off.</summary>
    public readonly bool IsHeldHere => _word.IsHeldHere;

    /// <summary>Takes the lock, spinning until it is this CPU's turn. Task context or with preemption already off; not in interrupts.</summary>
    [Acquires]
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Guard Enter()
    {
        if (LockValidator.IsEnabled)
        {
            Preemption.Begin();
            _word.AcquireValidated();
        }
        else
        {
            EnterFast(ref _word);
        }

        return new Guard(ref _word);
    }

    /// <summary>Takes the lock only if it is free at once.</summary>
    /// <returns>A guard whose <see cref="Guard.Taken"/> tells whether the lock is held now.</returns>
    [Acquires(MayFail = true)]
    [UnscopedRef]
    public Guard TryEnter()
    {
        Preemption.Begin();
        if (_word.TryAcquire())
        {
            return new Guard(ref _word);
        }

        Preemption.End();
        return default;
    }

    /// <summary>Takes the lock where preemption is already off and stays off, and where <see cref="ReleaseWithPreemptionOff"/> and no guard releases it.</summary>
    [Acquires]
    [AtomicContext]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AcquireWithPreemptionOff() => _word.Acquire();

    /// <summary>Releases what <see cref="AcquireWithPreemptionOff"/> took. Preemption stays off.</summary>
    [Releases]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ReleaseWithPreemptionOff() => _word.Release();

    [Acquires]
    [RuntimeImport("SpinLockEnter")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void EnterFast(ref QueuedLock word);

    [Releases]
    [RuntimeImport("SpinLockExit")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ExitFast(ref QueuedLock word);

    /// <summary>Holds the lock until it is disposed.</summary>
    public readonly ref struct Guard
    {
        private readonly ref QueuedLock _word;

        internal Guard(ref QueuedLock word)
        {
            _word = ref word;
        }

        /// <summary>True when the lock is held by this guard.</summary>
        public bool Taken => !Unsafe.IsNullRef(ref _word);

        /// <summary>Releases the lock and lets preemption happen again; a pending reschedule happens here.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose()
        {
            if (Taken)
            {
                if (LockValidator.IsEnabled)
                {
                    _word.Release();
                    Preemption.End();
                }
                else
                {
                    ExitFast(ref _word);
                }
            }
        }
    }
}
