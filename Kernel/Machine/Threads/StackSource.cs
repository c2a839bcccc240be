using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.Threads;

/// <summary>Where the stacks of threads come from. Memory is above Machine and puts an instance into <see cref="Instance"/> at boot.</summary>
public abstract class StackSource
{
    /// <summary>The allocator; null before it is up. Written once, with one CPU running.</summary>
    [Immutable]
    public static StackSource? Instance { get; [BeforePublication] set; }

    /// <summary>Maps memory for a stack: writable, not executable, filled with zeros, with an unmapped page below. Task context.</summary>
    /// <param name="bytes">A multiple of 4096.</param>
    /// <returns>The lowest usable address; 0 when there is no memory.</returns>
    [MightSleep]
    public abstract nuint Allocate(nuint bytes);

    /// <summary>Gives memory back that <see cref="Allocate"/> returned. Nothing runs on it any more. Task context.</summary>
    /// <param name="address">The lowest usable address.</param>
    /// <param name="bytes">The size that was asked for.</param>
    [MightSleep]
    public abstract void Free(nuint address, nuint bytes);
}
