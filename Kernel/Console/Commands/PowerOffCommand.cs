using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Commands;

namespace CosmosKernel.Console.Commands;

/// <summary>Turns the machine off.</summary>
internal sealed class PowerOffCommand : ConsoleCommand
{
    /// <inheritdoc/>
    public override string Name => "poweroff";

    /// <inheritdoc/>
    public override string Summary => "turn the machine off";

    /// <inheritdoc/>
    [MightSleep]
    public override void Run(CommandContext context)
    {
        context.ExpectArguments(0, 0);
        SystemPower.PowerOff();
    }
}
