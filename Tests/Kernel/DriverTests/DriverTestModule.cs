using System;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.DriverTests;

/// <summary>Tests of the drivers on the machine that the kernel runs on.</summary>
[Module("driver_tests", Description = "in-kernel tests of drivers", License = "MIT", Author = "CosmosKernel")]
public sealed class DriverTestModule : KernelModule
{
    private static ModuleContext? s_context;

    /// <summary>What the tests register things with.</summary>
    internal static ModuleContext Context => s_context ?? throw new InvalidOperationException("the module does not run");

    /// <inheritdoc/>
    public override void Start(ModuleContext context) => s_context = context;

    /// <inheritdoc/>
    public override void Stop() => s_context = null;

    /// <summary>Takes the device away from its driver, runs a test with it, and gives it back.</summary>
    internal static void Without(string driver, Action test)
    {
        ModuleEntry entry = ModuleRegistry.Find(driver) ?? throw new TestSkippedException($"there is no module '{driver}' in this image");
        ModuleRegistry.Stop(entry);
        try
        {
            test();
        }
        finally
        {
            Check.True(ModuleRegistry.Start(entry), $"{driver} starts again");
        }
    }
}
