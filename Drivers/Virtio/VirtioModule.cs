using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;

namespace CosmosKernel.Drivers.Virtio;

/// <summary>What all virtio drivers share: transports and queues. It does nothing by itself.</summary>
[Module("virtio", Description = "virtio over PCI: transports and queues", License = "MIT", Author = "CosmosKernel")]
public sealed class VirtioModule : KernelModule
{
    [Atomic]
    private static volatile bool s_prefersLegacy;

    [Atomic]
    private static volatile bool s_avoidsMessages;

    /// <summary>Uses transitional devices, which are both, by their legacy ports.</summary>
    [ModuleParameter("use transitional devices by their legacy ports")]
    [Immutable]
    public bool Legacy { get; set; }

    /// <summary>Lets devices interrupt by their lines only.</summary>
    [ModuleParameter("no MSI-X, interrupt by lines")]
    [Immutable]
    public bool Nomsix { get; set; }

    internal static bool PrefersLegacy => s_prefersLegacy;

    internal static bool AvoidsMessages => s_avoidsMessages;

    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
        s_prefersLegacy = Legacy;
        s_avoidsMessages = Nomsix;
    }
}
