using CosmosKernel.Locking;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Futexes;

/// <summary>
/// The kernel's side of a PI futex that somebody waits for: its owner, and its waiters by urgency, who lend the owner theirs. It begins with the first waiter and ends with the last one.
/// Word and queue agree, since both change only under the lock of the futex's bucket, but for the time from an owner's end until its successor has written its own number.
/// </summary>
internal sealed class InheritedFutex
{
    private const string BucketProtocol = "Guarded by the lock of the bucket that Key is in; before the first waiter, the thread that made it.";

    /// <summary>Who waits, and who owns it.</summary>
    public InheritingQueue Queue { get; } = new("futex_pi");

    /// <summary>Which futex.</summary>
    [Protocol(BucketProtocol + " Constant while it is in a list of owned ones.")]
    public FutexKey Key { get; set; }

    /// <summary>Waiters in the bucket that refer to it.</summary>
    [Protocol(BucketProtocol)]
    public int Waiters { get; set; }

    /// <summary>The owner; null when it ended and nobody waits.</summary>
    [Protocol(BucketProtocol + " The owner's list lock is held too, so that either is enough to read.")]
    public FutexThread? Owner { get; set; }

    /// <summary>The next of those that the owner has.</summary>
    [Protocol("Guarded by the lock of the owner's list.")]
    public InheritedFutex? NextOwned { get; set; }

    /// <summary>The previous one.</summary>
    [Protocol("Guarded by the lock of the owner's list.")]
    public InheritedFutex? PreviousOwned { get; set; }
}
