using System;

namespace CosmosKernel.Abi;

/// <summary>How mremap(2) may go about it.</summary>
[Flags]
public enum RemapFlags : uint
{
    /// <summary>Only where it is.</summary>
    None = 0,

    /// <summary>May move it.</summary>
    MayMove = 1,

    /// <summary>Moves it to the given address; what is there goes.</summary>
    Fixed = 2,

    /// <summary>The old range stays mapped, and empty.</summary>
    DontUnmap = 4,

    /// <summary>All that exist.</summary>
    All = MayMove | Fixed | DontUnmap,
}

/// <summary>Flags of msync(2).</summary>
[Flags]
public enum SyncFlags : uint
{
    /// <summary>None: as <see cref="Async"/>.</summary>
    None = 0,

    /// <summary>Returns before it is written.</summary>
    Async = 1,

    /// <summary>Other mappings shall see it; EBUSY where memory is locked.</summary>
    Invalidate = 2,

    /// <summary>Returns after it is written.</summary>
    Sync = 4,

    /// <summary>All that exist.</summary>
    All = Async | Invalidate | Sync,
}

/// <summary>Flags of mlockall(2).</summary>
[Flags]
public enum LockAllFlags : uint
{
    /// <summary>None: EINVAL.</summary>
    None = 0,

    /// <summary>What is mapped.</summary>
    Current = 1,

    /// <summary>What will be mapped.</summary>
    Future = 2,

    /// <summary>Locks a page when it is first touched, and faults nothing in.</summary>
    OnFault = 4,

    /// <summary>All that exist.</summary>
    All = Current | Future | OnFault,
}

/// <summary>Flags of mlock2(2).</summary>
[Flags]
public enum LockFlags : uint
{
    /// <summary>As mlock(2).</summary>
    None = 0,

    /// <summary>Locks a page when it is first touched, and faults nothing in.</summary>
    OnFault = 1,
}

/// <summary>Flags of memfd_create(2).</summary>
[Flags]
public enum MemoryFileFlags : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The descriptor is closed by execve(2).</summary>
    CloseOnExec = 1,

    /// <summary>Seals may be added.</summary>
    AllowSealing = 2,

    /// <summary>Of huge pages.</summary>
    HugeTlb = 4,

    /// <summary>Not executable, and sealed so.</summary>
    NoExecSeal = 8,

    /// <summary>Executable.</summary>
    Exec = 16,
}
