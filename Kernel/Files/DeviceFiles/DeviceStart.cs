using CosmosKernel.Files.Block;
using CosmosKernel.Files.Block.Loop;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Network;
using CosmosKernel.Files.Terminals;
using CosmosKernel.Files.Tracing;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.DeviceFiles;

/// <summary>Makes device nodes work, and devtmpfs and devpts mountable. Once, at boot, in task context, after <see cref="ConsoleTerminal.Start"/>.</summary>
public static class DeviceStart
{
    /// <summary>Does so.</summary>
    [MightSleep]
    public static void Start()
    {
        MemoryDevice.Register();
        TerminalDevices.Register();
        LogFile.Listen();
        TraceFiles.Start();
        FileSystems.Register(new DevTmpfsType());
        FileSystems.Register(DevPtsType.Instance);
        BlockDevices.Start();
        LoopDevices.Start();
        NetworkFiles.Start();
    }

    /// <summary>For images that have code of the kernel's own and no user space: the same without terminals, which stay with the kernel's console. In place of <see cref="Start"/>.</summary>
    [MightSleep]
    public static void StartWithoutTerminals()
    {
        MemoryDevice.Register();
        FileSystems.Register(new DevTmpfsType());
        BlockDevices.Start();
    }
}
