using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Processes.Ipc.PosixQueues;
using CosmosKernel.Processes.SysFs;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>Makes procfs and sysfs mountable, and begins to count the load. Once, at boot, in task context, when all CPUs run.</summary>
public static class ProcStart
{
    /// <summary>Does so.</summary>
    [MightSleep]
    public static void Start()
    {
        FileSystems.Register(new ProcFsType());
        FileSystems.Register(new SysFsType());
        PciFiles.Start();
        PosixQueues.Start();
        LoadAverage.Start();
    }
}
