using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Block;

/// <summary>What a driver says of a disk when it registers it. Sectors always have 512 bytes; blocks are what the device itself can address.</summary>
[Immutable]
public sealed record DiskOptions
{
    /// <summary>Bytes of a sector.</summary>
    public const int SectorBytes = 512;

    /// <summary>Most segments of any request.</summary>
    public const int SegmentLimit = 126;

    /// <summary>What the name begins with, such as <c>vd</c>: letters are added, <c>vda</c>, <c>vdb</c>, and so on. With <see cref="IsNumbered"/> numbers.</summary>
    public required string Prefix { get; init; }

    /// <summary>Names end with a number from 0 on (<c>ram0</c>) and those of partitions with <c>p1</c>.</summary>
    public bool IsNumbered { get; init; }

    /// <summary>Size in sectors.</summary>
    public required long Sectors { get; init; }

    /// <summary>Smallest unit that the device addresses: a power of two, 512 to 4096 bytes.</summary>
    public int LogicalBlockBytes { get; init; } = SectorBytes;

    /// <summary>Smallest unit that the device writes without reading first: a power of two, the logical block or more.</summary>
    public int PhysicalBlockBytes { get; init; } = SectorBytes;

    /// <summary>Preferred unit of transfers in bytes; 0: none.</summary>
    public int OptimalBytes { get; init; }

    /// <summary>It cannot be written.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>It can be taken out while the system runs.</summary>
    public bool IsRemovable { get; init; }

    /// <summary>It turns; it does not by default.</summary>
    public bool IsRotational { get; init; }

    /// <summary>It has a cache that loses data with power: it gets <see cref="BlockOperation.Flush"/>. Without it a write that has completed is safe.</summary>
    public bool HasWriteCache { get; init; }

    /// <summary>It honours <see cref="Bio.ForceUnitAccess"/>.</summary>
    public bool SupportsForceUnitAccess { get; init; }

    /// <summary>Most sectors of one discard; 0: it has none.</summary>
    public uint MaximumDiscardSectors { get; init; }

    /// <summary>Most sectors of one write of zeros; 0: it has none.</summary>
    public uint MaximumWriteZeroesSectors { get; init; }

    /// <summary>Most segments of a request, 1 to <see cref="SegmentLimit"/>.</summary>
    public int MaximumSegments { get; init; } = SegmentLimit;

    /// <summary>Most sectors of a request, 8 and up.</summary>
    public int MaximumSectors { get; init; } = 2560;

    /// <summary>Requests of one hardware queue that may be at the device at once, 1 to 1024.</summary>
    public int QueueDepth { get; init; } = 128;

    /// <summary>Hardware queues, 1 to the number of CPUs.</summary>
    public int HardwareQueues { get; init; } = 1;

    /// <summary>Nanoseconds after which the driver is asked about a request that has not completed.</summary>
    public ulong TimeoutNanoseconds { get; init; } = 30_000_000_000;

    /// <summary>Major number of the device nodes, 1 to 511; 0 takes a free one from 254 downwards for the prefix.</summary>
    public uint Major { get; init; }

    /// <summary>Minor numbers of each disk, itself and its partitions: a power of two. More partitions get numbers of major 259; with 1 no partition table is looked for unless the driver says so.</summary>
    public uint Minors { get; init; } = 16;

    /// <summary>Serial number for people; empty for none.</summary>
    public string Serial { get; init; } = "";

    /// <summary>Name of the scheduler that it begins with: <c>none</c> or <c>mq-deadline</c>.</summary>
    public string Scheduler { get; init; } = IoScheduler.NoneName;
}
