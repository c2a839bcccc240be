using CosmosKernel.Modules;

namespace CosmosKernel.Tests.Memory;

/// <summary>Tests of frames, slabs, the native heap, virtual areas and stacks on the machine. Tests/Memory.Tests proves the algorithms on the host.</summary>
[Module("memory-tests", Description = "In-kernel tests of memory")]
public sealed class MemoryTestModule : KernelModule
{
    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
    }
}
