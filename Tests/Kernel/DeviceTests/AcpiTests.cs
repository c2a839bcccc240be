using System;
using CosmosKernel.Machine.Acpi;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.DeviceTests;

/// <summary>ACPI tables as bytes, and the FADT's fixed hardware.</summary>
public static class AcpiTests
{
    /// <summary>QEMU's machines have a FADT, a MADT and a DSDT; each is found whole, and a table that is not there is not.</summary>
    [KernelTest("device.acpi_tables_are_found_by_signature")]
    public static void TablesAreFound()
    {
        foreach (string signature in (string[])["FACP", "APIC", "DSDT"])
        {
            Check.True(FirmwareTables.TryFind(signature, out ReadOnlySpan<byte> table), signature);
            Check.Equal((uint)table.Length, FirmwareTables.Read32(table, 4));
            Check.Equal(0u, FirmwareTables.Read32(table, table.Length));
        }

        Check.True(!FirmwareTables.TryFind("XXXX", out _));
        Check.True(!FirmwareTables.TryFind("APIC", out _, 1));
        Check.Throws<ArgumentException>(() => FirmwareTables.TryFind("TOOLONG", out _));
    }

    /// <summary>A PC has a power button among its fixed events, and ports for them.</summary>
    [KernelTest("device.fixed_hardware_is_described")]
    public static void FixedHardwareIsDescribed()
    {
        Check.True(FixedHardware.Exists);
        Check.True(FixedHardware.Pm1aEventPort != 0);
        Check.True(FixedHardware.Pm1EventLength >= 4);
        Check.True(FixedHardware.Pm1aControlPort != 0);
        Check.True(FixedHardware.SystemControlInterrupt.IsLevelTriggered);
    }
}
