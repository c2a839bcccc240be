using CosmosKernel.Modules;

namespace CosmosKernel.Tests.Runtime;

/// <summary>Tests of .NET on bare metal: exceptions, dispatch, statics, and the parts of the framework that kernels use.</summary>
[Module("runtime-tests", Description = "In-kernel tests of the .NET runtime")]
public sealed class RuntimeTestModule : KernelModule
{
    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
    }
}
