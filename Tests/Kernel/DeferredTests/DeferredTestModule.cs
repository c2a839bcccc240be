using CosmosKernel.Modules;

namespace CosmosKernel.Tests.Deferred;

/// <summary>Tests of RCU, per-CPU variables, lock-free queues and deferred work.</summary>
[Module("deferredtests", Description = "Tests of RCU, queues and deferred work")]
public sealed class DeferredTestModule : KernelModule
{
    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
    }
}
