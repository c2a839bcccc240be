using CosmosKernel.Modules;

namespace CosmosKernel.Tests.Time;

/// <summary>Tests of clocks, sleeping and timers on the machine.</summary>
[Module("time-tests", Description = "In-kernel tests of clocks and timers")]
public sealed class TimeTestModule : KernelModule
{
    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
    }
}
