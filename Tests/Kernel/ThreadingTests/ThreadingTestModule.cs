using CosmosKernel.Modules;

namespace CosmosKernel.Tests.Threading;

/// <summary>Tests of .NET's threading on kernel tasks: each type that docs/threading.md lists, and how it maps onto the kernel.</summary>
[Module("threading-tests", Description = "In-kernel tests of .NET's threading")]
public sealed class ThreadingTestModule : KernelModule
{
    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
    }
}
