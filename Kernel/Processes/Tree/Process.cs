using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Processes;

/// <summary>
/// A process: a group of threads with one id, one parent and one set of signal handlers. It outlives its last thread as a zombie until its parent has collected its status (wait(2)).
/// Fields stand in groups by what guards them.
/// </summary>
public sealed partial class Process
{
    /// <summary>Guards pending signals, masks, the list of threads and job control of this process. Taken after <see cref="ProcessTree"/>'s. Any context but NMI.</summary>
    internal IrqSpinLock SignalLock = new(LockClass.ProcessSignals);

    internal Process(ProcessId id, SignalHandlers handlers, Limits limits, bool isInit)
    {
        ProcessId = id;
        Handlers = handlers;
        Limits = limits;
        IsInit = isInit;
        IsProtected = isInit;
    }

    // ---- Constant ----

    /// <summary>Its id: getpid(2).</summary>
    public int Id => ProcessId.Number;

    internal ProcessId ProcessId { get; }

    /// <summary>It is the first process: signals without a handler do not reach it, orphans become its children, and its end is the end of the machine.</summary>
    public bool IsInit { get; }

    /// <summary>Its resource limits.</summary>
    public Limits Limits { get; }

    /// <summary>Whether its memory may be seen by others of the same user (prctl(2), PR_SET_DUMPABLE): 0, 1 or 2.</summary>
    [Atomic]
    public int Dumpable { get; internal set; } = 1;

    /// <summary>How much earlier or later it is killed when memory runs out (proc(5), oom_score_adj): -1000, never, to 1000. A child begins with its parent's.</summary>
    [Atomic]
    public int OutOfMemoryAdjust { get; internal set; }

    /// <summary>The lowest value that it may be given without CAP_SYS_RESOURCE.</summary>
    [Atomic]
    public int LeastOutOfMemoryAdjust { get; internal set; }

    /// <summary>Parents wait here for changes of their children.</summary>
    internal WaitQueue ChildChanged { get; } = new("wait");

    /// <summary>Stopped threads wait here.</summary>
    internal WaitQueue Continued { get; } = new("stopped");

    // ---- Guarded by the tree's lock ----

    /// <summary>Its parent; null for the first process only. Read without the lock it may be outdated at once.</summary>
    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock), LockFreeReads = true)]
    public Process? Parent { get; internal set; }

    /// <summary>The thread of the parent that made it, or that took over when that one ended; null when the parent has no thread left.</summary>
    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    internal UserThread? ParentThread { get; set; }

    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    internal Process? FirstChild { get; set; }

    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    internal Process? NextSibling { get; set; }

    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    internal Process? PreviousSibling { get; set; }

    /// <summary>Its process group; the last one, when it was collected.</summary>
    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock), LockFreeReads = true)]
    public ProcessGroup Group { get; internal set; } = null!;

    /// <summary>Its session.</summary>
    public Session Session => Group.Session;

    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    internal Process? NextInGroup { get; set; }

    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    internal Process? PreviousInGroup { get; set; }

    /// <summary>The signal that the parent gets at its end; 0 for none.</summary>
    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock), LockFreeReads = true)]
    public int ExitSignal { get; internal set; } = Signal.SIGCHLD;

    /// <summary>It has executed a program since its parent made it: the parent may not change its group any more (setpgid(2)).</summary>
    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    internal bool HasExecuted { get; set; }

    /// <summary>How often it has executed a program; a child remembers its parent's count (see <see cref="ParentExecutions"/>).</summary>
    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    internal uint Executions { get; set; }

    /// <summary>Its parent's count when it was made: another exit signal than SIGCHLD is not sent to a parent that is another program now.</summary>
    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    internal uint ParentExecutions { get; set; }

    /// <summary>All threads have ended; the parent has not collected it.</summary>
    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock), LockFreeReads = true)]
    public bool IsZombie { get; internal set; }

    /// <summary>The parent has collected it.</summary>
    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock), LockFreeReads = true)]
    public bool IsCollected { get; internal set; }

    /// <summary>Its status as wait(2) gives it, once it is a zombie.</summary>
    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock), LockFreeReads = true)]
    public int ExitStatus { get; internal set; }

    /// <summary>Orphans among its descendants become its children (prctl(2), PR_SET_CHILD_SUBREAPER).</summary>
    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock), LockFreeReads = true)]
    public bool IsSubreaper { get; internal set; }

    // ---- The threads: changed with both locks held ----

    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    [GuardedBy(nameof(SignalLock))]
    internal UserThread? FirstThread { get; set; }

    /// <summary>How many threads it has. Outdated at once.</summary>
    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock), LockFreeReads = true)]
    [GuardedBy(nameof(SignalLock), LockFreeReads = true)]
    public int ThreadCount { get; internal set; }

    /// <summary>Threads that have not begun to end. The last one takes what is the process's with it.</summary>
    [GuardedBy(nameof(SignalLock), LockFreeReads = true)]
    internal int LiveThreads { get; set; }

    /// <summary>The status of the thread that gave the process its id, or of the last one after it: the process's, unless all were ended together.</summary>
    [GuardedBy(nameof(SignalLock))]
    internal int LeaderStatus { get; set; }

    /// <summary>The real user id of the process: of its first thread. Any context.</summary>
    public uint UserId => Leader is { } leader ? leader.Credentials.UserId : Volatile.Read(ref _lastUserId);

    [Atomic]
    private uint _lastUserId;

    /// <summary>Where the executing thread waits until all others have ended.</summary>
    internal WaitQueue OthersEnded { get; } = new("exec");

    /// <summary>Whose limits its last thread counts for until it is collected.</summary>
    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    internal UserAccount? ZombieAccount { get; set; }

    /// <summary>Remembers whose process it was.</summary>
    [NoAllocation]
    internal void KeepUserId(uint uid) => Volatile.Write(ref _lastUserId, uid);

    /// <summary>A thread of it: the first one that joined when <paramref name="after"/> is null, else the one after it; null when there is none. Any context but NMI.</summary>
    public UserThread? Thread(UserThread? after)
    {
        using (SignalLock.Enter())
        {
            return after is null ? FirstThread : after.HasLeft ? null : after.NextInProcess;
        }
    }

    /// <summary>A child of it: the first one when <paramref name="after"/> is null, else the one after it; null when there is none. Any context but NMI.</summary>
    public Process? Child(Process? after)
    {
        using (ProcessTree.Lock.Enter())
        {
            return after is null ? FirstChild : ReferenceEquals(after.Parent, this) ? after.NextSibling : null;
        }
    }

    /// <summary>The thread whose id is the process's, or another one when that has ended; null for a zombie. Any context.</summary>
    public UserThread? Leader => ProcessId.Thread ?? Thread(null);

    /// <inheritdoc/>
    public override string ToString() => $"process {Id}";
}
