using CosmosKernel.Machine.Threads;

namespace CosmosKernel.Memory.Areas;

/// <summary>Gives the machine's threads their stacks. Task context.</summary>
public sealed unsafe class KernelStackSource : StackSource
{
    /// <inheritdoc/>
    public override nuint Allocate(nuint bytes) => (nuint)KernelStacks.Allocate(bytes);

    /// <inheritdoc/>
    public override void Free(nuint address, nuint bytes) => KernelStacks.Free((void*)address, bytes);
}
