using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tests.LockFigures;

/// <summary>
/// A ticket lock, which the kernel's queued spin lock is compared with (docs/validator.md, "Which spin lock"): all who wait look at one word, so each release
/// makes every one of them load its cache line again.
/// </summary>
internal sealed class TicketLock
{
    [Atomic]
    private int _next;

    [Atomic]
    private int _serving;

    /// <summary>Takes the lock. Preemption is off.</summary>
    public void Acquire()
    {
        int ticket = Interlocked.Increment(ref _next) - 1;
        while (Volatile.Read(ref _serving) != ticket)
        {
            Thread.SpinWait(1);
        }
    }

    /// <summary>Gives the lock to whoever comes next.</summary>
    public void Release() => Volatile.Write(ref _serving, Volatile.Read(ref _serving) + 1);
}
