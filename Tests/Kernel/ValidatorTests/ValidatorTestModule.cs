using CosmosKernel.Modules;

namespace CosmosKernel.Tests.Validation;

/// <summary>The module that brings the tests of spin locks' other kinds, of the lock validator and of lock statistics.</summary>
[Module("validator-tests", Description = "Tests of the lock validator")]
public sealed class ValidatorTestModule : KernelModule
{
    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
    }
}
