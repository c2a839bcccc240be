using CosmosKernel.Modules;

namespace CosmosKernel.Tests.LockFigures;

/// <summary>What locks cost, uncontended and contended. The figures are in docs/locking.md; <c>make bench</c> takes them.</summary>
[Module("lock-figures", Description = "Costs of locks")]
public sealed class LockFigureModule : KernelModule
{
    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
    }
}
