using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

// The thread's own signals: what it blocks, what waits for it alone, and whether it has to stop.
public sealed partial class UserThread
{
    [GuardedBy(typeof(Process), nameof(Process.SignalLock), LockFreeReads = true)]
    private ulong _blocked;

    [Atomic]
    private int _attention;

    /// <summary>Signals that wait for this thread alone.</summary>
    [GuardedBy(typeof(Process), nameof(Process.SignalLock))]
    internal PendingSignals Pending { get; } = new();

    /// <summary>Signals that it blocks. Changed by the thread itself. Any context.</summary>
    public SignalSet Blocked => new(Volatile.Read(ref _blocked));

    /// <summary>Something waits that the thread must look at before it goes on in user mode: a signal that it does not block, a stop, its end. Any context.</summary>
    public bool HasPendingSignal => Volatile.Read(ref _attention) != 0;

    /// <summary>The alternate stack. For the thread itself, and its maker before it starts.</summary>
    [Protocol("The thread itself, and its maker before its start.")]
    internal SignalStack AlternateStack { get; set; } = new() { Flags = SignalStack.SS_DISABLE };

    /// <summary>The mask to go back to once a signal was handled (sigsuspend(2), ppoll(2)), if <see cref="HasSavedMask"/>.</summary>
    [Protocol("The thread itself only.")]
    internal SignalSet SavedMask { get; set; }

    /// <summary>A call has changed the mask for its own time.</summary>
    [Protocol("The thread itself only.")]
    internal bool HasSavedMask { get; set; }

    /// <summary>What it blocks outside of sigtimedwait(2), which unblocks for its own time what it waits for: such a signal is taken, and does not end the process.</summary>
    [GuardedBy(typeof(Process), nameof(Process.SignalLock))]
    internal SignalSet RealBlocked { get; set; }

    /// <summary>It has begun to end and takes no more signals.</summary>
    [GuardedBy(typeof(Process), nameof(Process.SignalLock))]
    internal bool IsLeaving { get; set; }

    // ---- Job control ----

    /// <summary>It has to take part in a stop of its process that is under way, and is counted in <see cref="Process.StopCount"/>.</summary>
    [GuardedBy(typeof(Process), nameof(Process.SignalLock))]
    internal bool StopPending { get; set; }

    /// <summary>It took a stop signal, and no SIGCONT came since.</summary>
    [GuardedBy(typeof(Process), nameof(Process.SignalLock))]
    internal bool StopTaken { get; set; }

    /// <summary>It stands still until SIGCONT or the end. Read without the lock for /proc only.</summary>
    [GuardedBy(typeof(Process), nameof(Process.SignalLock), LockFreeReads = true)]
    public bool IsStopped { get; internal set; }

    /// <summary>Signals that wait for this thread alone (SigPnd in proc(5)). Any context but NMI.</summary>
    public SignalSet PendingSet
    {
        get
        {
            using (Process.SignalLock.Enter())
            {
                return Pending.Set;
            }
        }
    }

    /// <summary>A new thread gets its maker's mask, and its alternate stack unless it would share it. Before it starts.</summary>
    internal void InheritSignals(UserThread maker, bool keepStack)
    {
        if (keepStack)
        {
            AlternateStack = maker.AlternateStack;
        }

        using (Process.SignalLock.Enter())
        {
            SetBlocked(maker.Blocked);
        }
    }

    [RequiresLock(typeof(Process), nameof(Process.SignalLock))]
    [NoAllocation]
    internal void SetBlocked(SignalSet set) => Volatile.Write(ref _blocked, set.Without(SignalSet.Unstoppable).Bits);

    /// <summary>The thread is to look at its signals: ends its interruptible sleep and takes it out of user mode. Under the process's signal lock.</summary>
    [RequiresLock(typeof(Process), nameof(Process.SignalLock))]
    [NoAllocation]
    internal void RequestAttention(bool kill)
    {
        Volatile.Write(ref _attention, 1);
        if (kill)
        {
            Task.Kill();
        }
        else
        {
            Task.Interrupt();
        }

        Context.RequestAttention();
    }

    /// <summary>Nothing waits any more. The thread itself, under the lock.</summary>
    [RequiresLock(typeof(Process), nameof(Process.SignalLock))]
    [NoAllocation]
    internal void ClearAttention() => Volatile.Write(ref _attention, 0);
}
