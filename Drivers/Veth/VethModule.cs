using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;

namespace CosmosKernel.Drivers.Veth;

/// <summary>Pairs of network devices joined by a cable: what one sends, the other receives. For tests, and to try out what is written for networks.</summary>
[Module("veth", Description = "pairs of virtual network devices", License = "MIT", Author = "CosmosKernel")]
public sealed class VethModule : KernelModule
{
    /// <summary>How many pairs.</summary>
    [ModuleParameter("pairs of devices", Minimum = 1, Maximum = 64)]
    [Immutable]
    public int Pairs { get; set; } = 1;

    /// <inheritdoc/>
    [MightSleep]
    public override void Start(ModuleContext context)
    {
        for (int i = 0; i < Pairs; i++)
        {
            VethEnd.AddPair(context);
        }
    }
}
