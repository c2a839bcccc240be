using CosmosKernel.Modules;

namespace CosmosKernel.Tests.Boot;

/// <summary>Tests of what the kernel found and set up on the machine that it booted on.</summary>
[Module("boot-tests", Description = "In-kernel tests of the machine as the boot left it")]
public sealed class BootTestModule : KernelModule
{
    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
    }
}
