using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Block;

/// <summary>Hears of disks that come, go and change: the layer that gives them names and files. Task context, one call at a time.</summary>
public abstract class DiskListener
{
    /// <summary>A disk can be used.</summary>
    [MightSleep]
    public abstract void Added(Disk disk);

    /// <summary>A disk will be gone: no new use begins, and those who wait for it will see errors.</summary>
    [MightSleep]
    public abstract void Leaving(Disk disk);

    /// <summary>A disk is gone: nothing is on its way any more.</summary>
    [MightSleep]
    public abstract void Removed(Disk disk);

    /// <summary>A disk has another size.</summary>
    [MightSleep]
    public abstract void Changed(Disk disk);

    /// <summary>The partitions of a disk are others now (<see cref="Disk.RereadPartitions"/>).</summary>
    /// <returns>EBUSY: one of those that it had is in use, and nothing was done; ENXIO: the disk is not known.</returns>
    [MightSleep]
    public abstract Errno RereadPartitions(Disk disk);
}
