using CosmosKernel.Modules;

namespace CosmosKernel.Tests.UserMode;

/// <summary>Tests of the way to user mode and back, of user page tables and of the copies, with machine code of their own and without processes.</summary>
[Module("user-mode-tests", Description = "In-kernel tests of user mode")]
public sealed class UserModeTestModule : KernelModule
{
    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
    }
}
