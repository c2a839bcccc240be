using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Network;

namespace CosmosKernel.NetworkTests;

/// <summary>Tests of network devices: on pairs of the module veth, on lo, on a device that does what a test tells it, and on QEMU's virtio card where there is one.</summary>
[Module("network_tests", Description = "in-kernel tests of network devices", License = "MIT", Author = "CosmosKernel", DependsOn = ["loopback"])]
public sealed class NetworkTestModule : KernelModule
{
    /// <summary>The module's own.</summary>
    [Protocol("Set at the start, before any test.")]
    internal static ModuleContext Context { get; private set; } = null!;

    /// <inheritdoc/>
    [BeforePublication]
    public override void Start(ModuleContext context) => Context = context;
}
