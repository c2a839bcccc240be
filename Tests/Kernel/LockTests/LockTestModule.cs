using CosmosKernel.Modules;

namespace CosmosKernel.Tests.Locks;

/// <summary>Tests of locks and waiting: textbook cases, and torture on all CPUs. Many interleavings of the sleeping locks are also proved in the simulation of Tests/Tasks.Tests.</summary>
[Module("lock-tests", Description = "Textbook cases and torture of locks")]
public sealed class LockTestModule : KernelModule
{
    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
    }
}
