using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Commands;

namespace CosmosKernel.Tests.ServerShapes;

/// <summary>Three shapes of servers as worked examples (docs/threading.md), the command <c>servers</c> that runs them, and their tests.</summary>
[Module("server-shapes", Description = "Three shapes of servers, as examples")]
public sealed class ServerShapesModule : KernelModule
{
    /// <inheritdoc/>
    [MightSleep]
    public override void Start(ModuleContext context) => context.Own(CommandRegistry.Add(new ServersCommand()));
}
