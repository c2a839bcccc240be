using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

// The process's side of signals: what waits for any of its threads, the end of all of them, and job control.
public sealed partial class Process
{
    // Entries that are kept for senders that cannot allocate.
    private const int SignalStock = 8;

    [GuardedBy(nameof(SignalLock))]
    private QueuedSignal? _stock;

    [GuardedBy(nameof(SignalLock), LockFreeReads = true)]
    private int _stocked;

    /// <summary>What is done about each signal. Replaced when a program is executed that has shared it.</summary>
    [GuardedBy(nameof(SignalLock), LockFreeReads = true)]
    public SignalHandlers Handlers { get; internal set; }

    /// <summary>Signals that wait for any thread.</summary>
    [GuardedBy(nameof(SignalLock))]
    internal PendingSignals Pending { get; } = new();

    /// <summary>Where the search for a thread begins that takes a signal: they take turns.</summary>
    [GuardedBy(nameof(SignalLock))]
    internal UserThread? NextReceiver { get; set; }

    /// <summary>All threads must end: a fatal signal, exit_group(2), or the end of all others before a program is executed. Read without the lock it may be outdated at once.</summary>
    [GuardedBy(nameof(SignalLock), LockFreeReads = true)]
    internal bool IsEnding { get; set; }

    /// <summary>The status with which all end, if <see cref="IsEnding"/>.</summary>
    [GuardedBy(nameof(SignalLock))]
    internal int EndStatus { get; set; }

    /// <summary>Signals whose action is the default do nothing to it: the first process, until a fault of its own ends it.</summary>
    [GuardedBy(nameof(SignalLock))]
    internal bool IsProtected { get; set; }

    /// <summary>The thread that executes a program and for which all others end; null for none.</summary>
    [GuardedBy(nameof(SignalLock))]
    internal UserThread? Executing { get; set; }

    /// <summary>Signals to several processes at once that were sent to it: a fork that such a signal has overtaken begins anew, so that the child gets it, too.</summary>
    [GuardedBy(nameof(SignalLock))]
    internal uint Broadcasts { get; set; }

    // ---- Job control ----

    /// <summary>Threads that have yet to stop.</summary>
    [GuardedBy(nameof(SignalLock))]
    internal int StopCount { get; set; }

    /// <summary>The signal that stops it, as long as the parent has not been told by wait(2); 0 for none.</summary>
    [GuardedBy(nameof(SignalLock), LockFreeReads = true)]
    internal int StopSignal { get; set; }

    /// <summary>All its threads have stopped.</summary>
    [GuardedBy(nameof(SignalLock), LockFreeReads = true)]
    public bool IsStopped { get; internal set; }

    /// <summary>The parent has got SIGCHLD for the stop, or wants none: wait(2) tells of it from now on, so that the signal is never later than the wait's end.</summary>
    [GuardedBy(nameof(SignalLock))]
    internal bool StopIsTold { get; set; }

    /// <summary>It was continued, and the parent has not been told by wait(2).</summary>
    [GuardedBy(nameof(SignalLock), LockFreeReads = true)]
    internal bool WasContinued { get; set; }

    /// <summary>What a thread that comes by tells the parent: CLD_STOPPED, CLD_CONTINUED, or 0.</summary>
    [GuardedBy(nameof(SignalLock))]
    internal int ParentNews { get; set; }

    /// <summary>Signals that wait for any of its threads (ShdPnd in proc(5)). Any context but NMI.</summary>
    public SignalSet PendingSet
    {
        get
        {
            using (SignalLock.Enter())
            {
                return Pending.Set;
            }
        }
    }

    /// <summary>Takes an entry out of the stock; null when it is empty.</summary>
    [RequiresLock(nameof(SignalLock))]
    [NoAllocation]
    internal QueuedSignal? TakeStock()
    {
        QueuedSignal? entry = _stock;
        if (entry is not null)
        {
            _stock = entry.Next;
            entry.Next = null;
            Volatile.Write(ref _stocked, _stocked - 1);
        }

        return entry;
    }

    /// <summary>Puts an entry that is in no queue into the stock, unless that is full.</summary>
    [RequiresLock(nameof(SignalLock))]
    [NoAllocation]
    internal void PutStock(QueuedSignal entry)
    {
        if (_stocked < SignalStock)
        {
            entry.Next = _stock;
            _stock = entry;
            Volatile.Write(ref _stocked, _stocked + 1);
        }
    }

    /// <summary>Fills the stock to half its size, so that a sender that cannot allocate finds an entry. Task context; allocates when it is lower.</summary>
    internal void FillStock()
    {
        while (Volatile.Read(ref _stocked) < SignalStock / 2)
        {
            QueuedSignal entry = new();
            using (SignalLock.Enter())
            {
                PutStock(entry);
            }
        }
    }
}
