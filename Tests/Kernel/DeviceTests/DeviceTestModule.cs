using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Devices;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.DeviceTests;

/// <summary>Tests of what modules get of PCI and ACPI. Those of interrupts and DMA want QEMU's teaching device: <c>tools/boot --device edu</c>.</summary>
[Module("device_tests", Description = "in-kernel tests of PCI and ACPI", License = "MIT", Author = "CosmosKernel")]
[MatchesPci(EduDevice.Vendor, EduDevice.Device)]
public sealed class DeviceTestModule : KernelModule
{
    [Atomic]
    private static volatile ModuleContext? s_context;

    /// <summary>What the tests register things with.</summary>
    internal static ModuleContext Context => s_context ?? throw new InvalidOperationException("the module does not run");

    /// <inheritdoc/>
    public override void Start(ModuleContext context) => s_context = context;

    /// <inheritdoc/>
    public override void Stop() => s_context = null;

    /// <summary>The teaching device; skips the test where there is none.</summary>
    internal static PciDeviceInfo FindEdu()
    {
        foreach (PciDeviceInfo info in PciBus.Devices)
        {
            if (new PciMatch(EduDevice.Vendor, EduDevice.Device).Matches(info))
            {
                return info;
            }
        }

        throw new TestSkippedException("there is no edu device (tools/boot --device edu)");
    }
}
