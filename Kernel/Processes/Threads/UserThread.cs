using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Processes.Futexes;
using CosmosKernel.Processes.Memory;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Processes;

/// <summary>
/// A thread of user space: what Linux calls a task, beyond what the scheduler keeps in <see cref="TaskStruct"/>. It belongs to one process from its start to its end. Its credentials,
/// open files and address space are the task's, since they may be shared with any other thread (clone(2)).
/// </summary>
public sealed partial class UserThread : TaskSignals
{
    internal UserThread(Process process, ProcessId id, UserContext context, UserAccount account)
    {
        Process = process;
        ProcessId = id;
        Context = context;
        Account = account;
        Futex = new FutexThread(this);
    }

    /// <summary>The thread that asks. Never null in a system call; null in a task of the kernel. Task context.</summary>
    public static UserThread Current => (TaskStruct.Current.Signals as UserThread)!;

    /// <summary>The task that runs it.</summary>
    [Immutable]
    public TaskStruct Task { get; internal set; } = null!;

    /// <summary>Its registers in user mode.</summary>
    public UserContext Context { get; }

    /// <summary>The process that it is a thread of.</summary>
    public Process Process { get; }

    /// <summary>Its id: gettid(2). It changes once at most, when the thread executes a program and becomes the first of its process. Any context.</summary>
    public int Id => ProcessId.Number;

    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock), LockFreeReads = true)]
    internal ProcessId ProcessId { get; set; }

    /// <summary>It is the first thread of its process: its id is the process's.</summary>
    public bool IsLeader => ReferenceEquals(ProcessId, Process.ProcessId);

    // ---- The threads of a process: changed with both locks held ----

    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    [GuardedBy(typeof(Process), nameof(Process.SignalLock))]
    internal UserThread? NextInProcess { get; set; }

    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    [GuardedBy(typeof(Process), nameof(Process.SignalLock))]
    internal UserThread? PreviousInProcess { get; set; }

    /// <summary>It has left its process.</summary>
    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    [GuardedBy(typeof(Process), nameof(Process.SignalLock))]
    internal bool HasLeft { get; set; }

    /// <summary>How many children it made that still have it as the thread that made them.</summary>
    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    internal int Children { get; set; }

    // ---- For the thread itself, and its maker before it starts ----

    /// <summary>Where the thread's id is cleared and a futex woken when the thread ends (set_tid_address(2)); 0 for nowhere.</summary>
    [UserAddress]
    [Protocol("The thread itself, and its maker before its start.")]
    public ulong ClearChildTid { get; set; }

    /// <summary>Where the list of robust futexes begins (set_robust_list(2)); 0 for none. Other threads only read it (get_robust_list(2)).</summary>
    [UserAddress]
    [Atomic]
    public ulong RobustList { get; set; }

    /// <summary>Root, working directory and umask. Null once the thread ends. The thread itself replaces it; others may look.</summary>
    [Atomic]
    public FileSystemContext? FileSystem { get; set; }

    /// <summary>Its address space, which its process's other threads and, after vfork(2), its parent may share; null once it ends.</summary>
    public AddressSpace? Memory => Task.AddressSpace as AddressSpace;

    /// <summary>Its descriptors; null once it ends.</summary>
    public FileTable? Files => Task.Files as FileTable;

    /// <summary>Whose rights it has; replaced as a whole, by the thread itself.</summary>
    public Credentials Credentials
    {
        get => Task.Credentials as Credentials ?? Credentials.Root;
        set => Task.Credentials = value;
    }

    /// <summary>No program that it executes gives it more rights (prctl(2), PR_SET_NO_NEW_PRIVS). Set once; the thread itself.</summary>
    [Atomic]
    public bool NoNewPrivileges { get; internal set; }

    /// <summary>The execution domain's flags (personality(2)). The thread itself.</summary>
    [Protocol("The thread itself, and its maker before the start.")]
    public uint Personality { get; set; }

    /// <summary>Done when it gives up the memory that it shares with a parent that waits (vfork(2)); null for none.</summary>
    [Protocol("Set by its maker before the start; taken by the thread itself.")]
    internal Completion? VforkDone { get; set; }

    /// <summary>How an interrupted call goes on (restart_syscall(2)); null for none.</summary>
    [Protocol("The thread itself only.")]
    public RestartBlock? Restart { get; set; }

    /// <summary>The signal that it gets when the thread that made its process ends (prctl(2), PR_SET_PDEATHSIG); 0 for none.</summary>
    [Atomic]
    public int ParentDeathSignal { get; internal set; }

    /// <summary>The number of the system call that the thread is in; -1 in none, for an exception or an interrupt. Others see it outdated.</summary>
    [Atomic]
    public long SystemCallNumber { get; set; } = -1;

    /// <summary>Whose limits it counts for. Changed by the thread itself with its credentials.</summary>
    [Atomic]
    internal UserAccount Account { get; set; }

    /// <summary>Vector of the exception that the thread had last, for signal frames.</summary>
    [Protocol("The thread itself only.")]
    public ulong TrapNumber { get; set; }

    /// <summary>Its error code.</summary>
    [Protocol("The thread itself only.")]
    public ulong TrapErrorCode { get; set; }

    /// <summary>It has called exit(2).</summary>
    [Protocol("The thread itself only.")]
    internal bool IsExiting { get; set; }

    /// <summary>The status that it ends with, as wait(2) gives it.</summary>
    [Protocol("The thread itself only.")]
    internal int ExitStatus { get; set; }

    /// <inheritdoc/>
    public override string ToString() => $"{Task.Name}[{Id}]";
}
