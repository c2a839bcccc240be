using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Commands;

namespace CosmosKernel.Console.Commands;

/// <summary>Restarts the machine.</summary>
internal sealed class RebootCommand : ConsoleCommand
{
    /// <inheritdoc/>
    public override string Name => "reboot";

    /// <inheritdoc/>
    public override string Summary => "restart the machine";

    /// <inheritdoc/>
    [MightSleep]
    public override void Run(CommandContext context)
    {
        context.ExpectArguments(0, 0);
        SystemPower.Reboot();
    }
}
