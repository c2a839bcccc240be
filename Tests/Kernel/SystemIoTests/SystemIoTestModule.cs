using CosmosKernel.Modules;

namespace CosmosKernel.Tests.SystemIo;

/// <summary>Tests of .NET's file API inside the kernel.</summary>
[Module("systemiotests", Description = "Tests of System.IO in the kernel; Tests/SystemIo.Tests runs the same scenarios on the host")]
public sealed class SystemIoTestModule : KernelModule
{
    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
    }
}
