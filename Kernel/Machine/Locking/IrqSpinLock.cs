using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Cpus;

namespace CosmosKernel.Machine.Locking;

/// <summary>
/// A spin lock for data that interrupt handlers touch: interrupts are off on this CPU while it is held, and go back to what they were.
/// Fair (first come, first served); not recursive: taking it twice on one CPU panics. Use it as
/// <c>using (_lock.Enter()) { ... }</c> from any context but NMI. Inside: no sleeping, no allocation, no exception, short.
/// A field of this type must not be readonly, and the struct must not be copied.
/// </summary>
public struct IrqSpinLock
{
    private TicketLock _ticket;

    /// <summary>True while some CPU holds the lock: for reports, since it may change at once.</summary>
    public readonly bool IsHeld => _ticket.IsHeld;

    /// <summary>True while this CPU holds the lock. Meaningful with preemption off.</summary>
    public readonly bool IsHeldHere => _ticket.IsHeldHere;

    /// <summary>Turns interrupts off and takes the lock, spinning until it is this CPU's turn.</summary>
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Guard Enter()
    {
        ulong flags = InterruptFlag.Disable();
        _ticket.Acquire();
        return new Guard(ref _ticket, flags);
    }

    /// <summary>Takes the lock only if it is free at once; otherwise interrupts are as before.</summary>
    /// <returns>A guard whose <see cref="Guard.Taken"/> tells whether the lock is held now.</returns>
    [UnscopedRef]
    public Guard TryEnter()
    {
        ulong flags = InterruptFlag.Disable();
        if (_ticket.TryAcquire())
        {
            return new Guard(ref _ticket, flags);
        }

        InterruptFlag.Restore(flags);
        return default;
    }

    /// <summary>
    /// Takes the lock where interrupts are already off and stay off, and where another piece of code releases it:
    /// the scheduler takes a run queue's lock in one thread and releases it in the next one.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AcquireWithInterruptsOff() => _ticket.Acquire();

    /// <summary>As <see cref="AcquireWithInterruptsOff()"/>, where the caller knows where it runs.</summary>
    /// <param name="here">Number of the CPU that runs this.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AcquireWithInterruptsOff(int here) => _ticket.Acquire(here);

    /// <summary>Releases what <see cref="AcquireWithInterruptsOff"/> took. Interrupts stay off.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ReleaseWithInterruptsOff() => _ticket.Release();

    /// <summary>Holds the lock until it is disposed.</summary>
    public readonly ref struct Guard
    {
        private readonly ref TicketLock _ticket;
        private readonly ulong _flags;

        internal Guard(ref TicketLock ticket, ulong flags)
        {
            _ticket = ref ticket;
            _flags = flags;
        }

        /// <summary>True when the lock is held by this guard.</summary>
        public bool Taken => !Unsafe.IsNullRef(ref _ticket);

        /// <summary>Releases the lock, restores interrupts, and switches to another thread if that became due meanwhile.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose()
        {
            if (Taken)
            {
                _ticket.Release();
                Preemption.RestoreInterrupts(_flags);
            }
        }
    }
}
