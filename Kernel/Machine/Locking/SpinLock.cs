using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Machine.Locking;

/// <summary>
/// A spin lock for data that no interrupt handler touches: preemption is off while it is held, interrupts stay on.
/// Fair (first come, first served); not recursive: taking it twice on one CPU panics. Use it as
/// <c>using (_lock.Enter()) { ... }</c>. Inside: no sleeping, no allocation, no exception, short.
/// A field of this type must not be readonly, and the struct must not be copied.
/// </summary>
public struct SpinLock
{
    private TicketLock _ticket;

    /// <summary>True while some CPU holds the lock: for reports, since it may change at once.</summary>
    public readonly bool IsHeld => _ticket.IsHeld;

    /// <summary>True while this CPU holds the lock. Meaningful with preemption off.</summary>
    public readonly bool IsHeldHere => _ticket.IsHeldHere;

    /// <summary>Takes the lock, spinning until it is this CPU's turn. Task context or with preemption already off; not in interrupts.</summary>
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Guard Enter()
    {
        _ticket.Acquire(Preemption.BeginHere());
        return new Guard(ref _ticket);
    }

    /// <summary>Takes the lock only if it is free at once.</summary>
    /// <returns>A guard whose <see cref="Guard.Taken"/> tells whether the lock is held now.</returns>
    [UnscopedRef]
    public Guard TryEnter()
    {
        Preemption.Begin();
        if (_ticket.TryAcquire())
        {
            return new Guard(ref _ticket);
        }

        Preemption.End();
        return default;
    }

    /// <summary>Holds the lock until it is disposed.</summary>
    public readonly ref struct Guard
    {
        private readonly ref TicketLock _ticket;

        internal Guard(ref TicketLock ticket)
        {
            _ticket = ref ticket;
        }

        /// <summary>True when the lock is held by this guard.</summary>
        public bool Taken => !Unsafe.IsNullRef(ref _ticket);

        /// <summary>Releases the lock and lets preemption happen again; a pending reschedule happens here.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose()
        {
            if (Taken)
            {
                _ticket.Release();
                Preemption.End();
            }
        }
    }
}
