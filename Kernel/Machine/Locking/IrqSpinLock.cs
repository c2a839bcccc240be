using System.Diagnostics.CodeAnalysis;
using System.Runtime;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Cpus;

namespace CosmosKernel.Machine.Locking;

/// <summary>
/// A spin lock for data that interrupt handlers touch: interrupts are off on this CPU while it is held, and go back to what they were.
/// First come, first served, but not under a hypervisor (<see cref="SpinLockOrder"/>); not recursive: taking it twice on one CPU panics. Use it as
/// <c>using (_lock.Enter()) { ... }</c> from any context but NMI. Inside: no sleeping, no allocation, no exception, short.
/// A field of this type must not be readonly, and the struct must not be copied.
/// </summary>
[LockType(LockKind.InterruptsOff)]
public struct IrqSpinLock
{
    private QueuedLock _word;

    /// <summary>Makes a free lock.</summary>
    /// <param name="lockClass">What kind of lock it is.</param>
    public IrqSpinLock(LockClass lockClass)
        : this(lockClass, 0)
    {
    }

    /// <summary>Makes a free lock of a class of which several may be held together.</summary>
    /// <param name="lockClass">What kind of lock it is.</param>
    /// <param name="number">Its place in the order in which locks of the class are taken, 0 to 65,535.</param>
    public IrqSpinLock(LockClass lockClass, int number)
    {
        _word = new QueuedLock(lockClass, number);
    }

    /// <summary>For the validator: this lock is waited for here, and not held.</summary>
    internal void NoteWait() => _word.NoteWait();

    /// <summary>True while some CPU holds the lock: for reports, since it may change at once.</summary>
    public readonly bool IsHeld => _word.IsHeld;

    /// <summary>True while this CPU holds the lock. Meaningful with preemption off.</summary>
    public readonly bool IsHeldHere => _word.IsHeldHere;

    /// <summary>Turns interrupts off and takes the lock, spinning until it is this CPU's turn.</summary>
    [Acquires]
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Guard Enter()
    {
        ulong flags;
        if (LockValidator.IsEnabled)
        {
            flags = InterruptFlag.Disable();
            _word.AcquireValidated();
        }
        else
        {
            flags = EnterFast(ref _word);
        }

        return new Guard(ref _word, flags);
    }

    /// <summary>Takes the lock only if it is free at once; otherwise interrupts are as before.</summary>
    /// <returns>A guard whose <see cref="Guard.Taken"/> tells whether the lock is held now.</returns>
    [Acquires(MayFail = true)]
    [UnscopedRef]
    public Guard TryEnter()
    {
        ulong flags = InterruptFlag.Disable();
        if (_word.TryAcquire())
        {
            return new Guard(ref _word, flags);
        }

        InterruptFlag.Restore(flags);
        return default;
    }

    /// <summary>
    /// Takes the lock where interrupts are already off and stay off, and where another piece of code releases it:
    /// the scheduler takes a run queue's lock in one thread and releases it in the next one.
    /// </summary>
    [Acquires]
    [InterruptContext]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AcquireWithInterruptsOff() => _word.Acquire();

    /// <summary>As <see cref="AcquireWithInterruptsOff()"/>, where the caller knows where it runs.</summary>
    /// <param name="here">Number of the CPU that runs this.</param>
    [Acquires]
    [InterruptContext]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AcquireWithInterruptsOff(int here) => _word.Acquire(here);

    /// <summary>Releases what <see cref="AcquireWithInterruptsOff"/> took. Interrupts stay off.</summary>
    [Releases]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ReleaseWithInterruptsOff() => _word.Release();

    [Acquires]
    [RuntimeImport("IrqSpinLockEnter")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ulong EnterFast(ref QueuedLock word);

    [Releases]
    [RuntimeImport("IrqSpinLockExit")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ExitFast(ref QueuedLock word, ulong flags);

    /// <summary>Holds the lock until it is disposed.</summary>
    public readonly ref struct Guard
    {
        private readonly ref QueuedLock _word;
        private readonly ulong _flags;

        internal Guard(ref QueuedLock word, ulong flags)
        {
            _word = ref word;
            _flags = flags;
        }

        /// <summary>True when the lock is held by this guard.</summary>
        public bool Taken => !Unsafe.IsNullRef(ref _word);

        /// <summary>Releases the lock, restores interrupts, and switches to another thread if that became due meanwhile.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose()
        {
            if (Taken)
            {
                if (LockValidator.IsEnabled)
                {
                    _word.Release();
                    Preemption.RestoreInterrupts(_flags);
                }
                else
                {
                    ExitFast(ref _word, _flags);
                }
            }
        }
    }
}
