using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Block;

namespace CosmosKernel.Modules;

// Disks.
public sealed partial class ModuleContext
{
    /// <summary>
    /// Adds a disk; disposing the result takes it away, also while it is in use. The module is not stopped while somebody has the disk or one of its partitions open or mapped.
    /// </summary>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    [MightSleep]
    public Disk AddDisk(DiskOptions options, BlockDriver driver) => Own(Disk.Register(options, driver, this));
}
