using CosmosKernel.Modules;

namespace CosmosKernel.Tests.Terminals;

/// <summary>Tests of terminals, device files and /proc on the machine, without processes.</summary>
[Module("terminal-tests", Description = "In-kernel tests of pseudo-terminals, device nodes and procfs")]
public sealed class TerminalTestModule : KernelModule
{
    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
    }
}
