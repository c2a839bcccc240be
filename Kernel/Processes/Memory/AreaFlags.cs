using System;

namespace CosmosKernel.Processes.Memory;

/// <summary>What an area of an address space is, apart from its rights.</summary>
[Flags]
public enum AreaFlags : uint
{
    /// <summary>Private, nothing special.</summary>
    None = 0,

    /// <summary>Writes are seen by all that map the object.</summary>
    Shared = 1 << 0,

    /// <summary>Grows down when the page below it is touched.</summary>
    GrowsDown = 1 << 1,

    /// <summary>Its pages stay in memory, and count for RLIMIT_MEMLOCK.</summary>
    Locked = 1 << 2,

    /// <summary>With <see cref="Locked"/>: nothing is faulted in beforehand.</summary>
    LockOnFault = 1 << 3,

    /// <summary>Was mapped with MAP_NORESERVE.</summary>
    NoReserve = 1 << 4,

    /// <summary>Counts as committed memory.</summary>
    Committed = 1 << 5,

    /// <summary>A child of fork(2) does not get it.</summary>
    DontFork = 1 << 6,

    /// <summary>A child of fork(2) finds zeros.</summary>
    WipeOnFork = 1 << 7,

    /// <summary>Not in a core dump.</summary>
    DontDump = 1 << 8,

    /// <summary>The heap of brk(2).</summary>
    Heap = 1 << 9,

    /// <summary>madvise(2): read in order.</summary>
    Sequential = 1 << 10,

    /// <summary>madvise(2): read in no order.</summary>
    Random = 1 << 11,

    /// <summary>madvise(2): huge pages are welcome.</summary>
    HugePages = 1 << 12,

    /// <summary>madvise(2): huge pages are not welcome.</summary>
    NoHugePages = 1 << 13,

    /// <summary>madvise(2): may be merged with equal pages.</summary>
    Mergeable = 1 << 14,

    /// <summary>The kernel's own pages, as the vDSO: not to be moved in parts, locked or discarded.</summary>
    Special = 1 << 15,
}
