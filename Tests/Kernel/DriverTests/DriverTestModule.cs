using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.DriverTests;

/// <summary>Tests of the drivers on the machine that the kernel runs on.</summary>
[Module("driver_tests", Description = "in-kernel tests of drivers", License = "MIT", Author = "CosmosKernel")]
public sealed class DriverTestModule : KernelModule
{
    [Atomic]
    private static volatile ModuleContext? s_context;

    /// <summary>What the tests register things with.</summary>
    internal static ModuleContext Context => s_context ?? throw new InvalidOperationException("the module does not run");

    /// <inheritdoc/>
    public override void Start(ModuleContext context) => s_context = context;

    /// <inheritdoc/>
    public override void Stop() => s_context = null;

    /// <summary>Takes a device away from its driver and those that depend on it, runs a test with it, and gives it back.</summary>
    internal static void Without(string driver, Action test)
    {
        foreach (ModuleEntry other in ModuleRegistry.Modules)
        {
            if (other.IsRunning && Array.IndexOf(other.About.DependsOn, driver) >= 0)
            {
                Without(other.About.Name, () => Without(driver, test));
                return;
            }
        }

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
