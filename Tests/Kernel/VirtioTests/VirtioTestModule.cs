using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.VirtioTests;

/// <summary>Tests of the virtio drivers against QEMU's devices, which <c>tools/boot --device</c> adds; those whose device is not there are skipped.</summary>
[Module("virtio_tests", Description = "in-kernel tests of the virtio drivers", License = "MIT", Author = "CosmosKernel")]
public sealed class VirtioTestModule : KernelModule
{
    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
    }

    /// <summary>Finds a module of this image.</summary>
    internal static ModuleEntry Find(string name) => ModuleRegistry.Find(name) ?? throw new TestSkippedException($"there is no module '{name}' in this image");
}
