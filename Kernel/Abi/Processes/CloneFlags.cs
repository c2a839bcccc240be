namespace CosmosKernel.Abi;

/// <summary>Flags of clone(2), clone3(2) and unshare(2).</summary>
public static class CloneFlags
{
    /// <summary>The low byte: the signal that the parent gets when the child ends; clone3(2) has a field for it.</summary>
    public const ulong CSIGNAL = 0xFF;

    /// <summary>A time namespace; clone3(2) and unshare(2) only.</summary>
    public const ulong CLONE_NEWTIME = 0x80;

    /// <summary>The address space is shared.</summary>
    public const ulong CLONE_VM = 0x100;

    /// <summary>Root, working directory and umask are shared.</summary>
    public const ulong CLONE_FS = 0x200;

    /// <summary>The table of open files is shared.</summary>
    public const ulong CLONE_FILES = 0x400;

    /// <summary>The handlers of signals are shared.</summary>
    public const ulong CLONE_SIGHAND = 0x800;

    /// <summary>A descriptor for the child is stored.</summary>
    public const ulong CLONE_PIDFD = 0x1000;

    /// <summary>The tracer goes on with the child.</summary>
    public const ulong CLONE_PTRACE = 0x2000;

    /// <summary>The parent waits until the child executes a program or ends.</summary>
    public const ulong CLONE_VFORK = 0x4000;

    /// <summary>The caller's parent is the child's parent.</summary>
    public const ulong CLONE_PARENT = 0x8000;

    /// <summary>The child is a thread of the caller's process.</summary>
    public const ulong CLONE_THREAD = 0x10000;

    /// <summary>A mount namespace.</summary>
    public const ulong CLONE_NEWNS = 0x20000;

    /// <summary>The list of System V semaphore adjustments is shared.</summary>
    public const ulong CLONE_SYSVSEM = 0x40000;

    /// <summary>FS is set.</summary>
    public const ulong CLONE_SETTLS = 0x80000;

    /// <summary>The child's id is stored in the parent's memory.</summary>
    public const ulong CLONE_PARENT_SETTID = 0x100000;

    /// <summary>The child clears its id in memory when it ends, and wakes a futex there.</summary>
    public const ulong CLONE_CHILD_CLEARTID = 0x200000;

    /// <summary>Without effect.</summary>
    public const ulong CLONE_DETACHED = 0x400000;

    /// <summary>The child cannot be traced by force.</summary>
    public const ulong CLONE_UNTRACED = 0x800000;

    /// <summary>The child's id is stored in its own memory.</summary>
    public const ulong CLONE_CHILD_SETTID = 0x1000000;

    /// <summary>A cgroup namespace.</summary>
    public const ulong CLONE_NEWCGROUP = 0x2000000;

    /// <summary>A namespace of host names.</summary>
    public const ulong CLONE_NEWUTS = 0x4000000;

    /// <summary>A namespace of System V IPC.</summary>
    public const ulong CLONE_NEWIPC = 0x8000000;

    /// <summary>A user namespace.</summary>
    public const ulong CLONE_NEWUSER = 0x10000000;

    /// <summary>A namespace of process ids.</summary>
    public const ulong CLONE_NEWPID = 0x20000000;

    /// <summary>A network namespace.</summary>
    public const ulong CLONE_NEWNET = 0x40000000;

    /// <summary>The I/O context is shared.</summary>
    public const ulong CLONE_IO = 0x80000000;

    /// <summary>Handlers of the child are reset to the default; clone3(2) only.</summary>
    public const ulong CLONE_CLEAR_SIGHAND = 0x100000000;

    /// <summary>The child begins in another cgroup; clone3(2) only.</summary>
    public const ulong CLONE_INTO_CGROUP = 0x200000000;
}
