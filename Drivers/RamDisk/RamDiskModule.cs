using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Block;

namespace CosmosKernel.Drivers.RamDisk;

/// <summary>Disks in memory, /dev/ram0 and up, for tests of what stands on disks: they can fail, be slow, complete out of order, and lose what was not flushed.</summary>
[Module("ramdisk", Description = "disks in memory, with faults on request", License = "MIT", Author = "CosmosKernel")]
public sealed class RamDiskModule : KernelModule
{
    private const int SectorsPerMebibyte = 2048;

    /// <summary>How many disks.</summary>
    [ModuleParameter("disks", Minimum = 0, Maximum = 16)]
    [Immutable]
    public int Count { get; set; }

    /// <summary>Size of each.</summary>
    [ModuleParameter("size of each disk in KiB", Minimum = 4, Maximum = 1 << 30)]
    [Immutable]
    public int Size { get; set; } = 16_384;

    /// <summary>Bytes of a logical block.</summary>
    [ModuleParameter("bytes of a logical block: 512, 1024, 2048 or 4096", Minimum = 512, Maximum = 4096)]
    [Immutable]
    public int Block { get; set; } = 512;

    /// <summary>Hardware queues.</summary>
    [ModuleParameter("hardware queues", Minimum = 1, Maximum = 64)]
    [Immutable]
    public int Queues { get; set; } = 1;

    /// <summary>Requests of each queue.</summary>
    [ModuleParameter("requests of one queue at once", Minimum = 1, Maximum = 1024)]
    [Immutable]
    public int Depth { get; set; } = 64;

    /// <summary>Delay of each request; 0 completes it in the submitting task.</summary>
    [ModuleParameter("microseconds that each request takes, 0 for none", Minimum = 0, Maximum = 10_000_000)]
    [Immutable]
    public int Delay { get; set; }

    /// <summary>Requests that wait complete in the opposite order.</summary>
    [ModuleParameter("complete what waits together last first")]
    [Immutable]
    public bool Reorder { get; set; }

    /// <summary>One of so many reads fails.</summary>
    [ModuleParameter("every n-th read fails with EIO, 0 for none", Minimum = 0, Maximum = int.MaxValue)]
    [Immutable]
    public int ReadErrors { get; set; }

    /// <summary>One of so many writes fails.</summary>
    [ModuleParameter("every n-th write fails with EIO, 0 for none", Minimum = 0, Maximum = int.MaxValue)]
    [Immutable]
    public int WriteErrors { get; set; }

    /// <summary>Accesses to this sector fail.</summary>
    [ModuleParameter("requests that touch this sector fail with EIO, -1 for none", Minimum = -1, Maximum = long.MaxValue)]
    [Immutable]
    public long BadSector { get; set; } = -1;

    /// <summary>One of so many requests never completes by itself.</summary>
    [ModuleParameter("every n-th request is lost and times out, 0 for none", Minimum = 0, Maximum = int.MaxValue)]
    [Immutable]
    public int Lost { get; set; }

    /// <summary>After how long a request is given up.</summary>
    [ModuleParameter("milliseconds until a lost request times out", Minimum = 10, Maximum = 1_000_000)]
    [Immutable]
    public int Timeout { get; set; } = 30_000;

    /// <inheritdoc/>
    [MightSleep]
    public override void Start(ModuleContext context)
    {
        if (Block is not (512 or 1024 or 2048 or 4096))
        {
            throw new ArgumentException($"ramdisk.block={Block}: 512, 1024, 2048 or 4096 is expected");
        }

        if ((long)Delay >= Timeout * 1000L)
        {
            throw new ArgumentException($"ramdisk.delay={Delay} ramdisk.timeout={Timeout}: each request would time out; a delay shorter than the timeout is expected");
        }

        long sectors = (long)Size * SectorsPerMebibyte / 1024;
        for (int i = 0; i < Count; i++)
        {
            var driver = new RamDiskDriver(sectors, Queues, Depth)
            {
                DelayNanoseconds = (ulong)Delay * 1000,
                Reorders = Reorder,
                ReadErrors = ReadErrors,
                WriteErrors = WriteErrors,
                BadSector = BadSector,
                Lost = Lost,
            };

            // Given back after the disk, which is registered after it.
            context.Own(driver);
            context.AddDisk(
                new DiskOptions
                {
                    Prefix = "ram",
                    IsNumbered = true,
                    Major = 1,
                    Minors = 1,
                    Sectors = sectors & ~((Block / 512) - 1L),
                    LogicalBlockBytes = Block,
                    PhysicalBlockBytes = 4096,
                    HasWriteCache = true,
                    SupportsForceUnitAccess = true,
                    MaximumDiscardSectors = 65_536,
                    MaximumWriteZeroesSectors = 65_536,
                    HardwareQueues = Queues,
                    QueueDepth = Depth,
                    TimeoutNanoseconds = (ulong)Timeout * 1_000_000,
                },
                driver);
        }
    }
}
