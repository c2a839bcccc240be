using CosmosKernel.Machine.Acpi;
using CosmosKernel.Machine.Time;

namespace CosmosKernel.Machine.Devices;

/// <summary>What was found of this machine, for tests and reports. Task context, after <see cref="Platform.Initialize"/>.</summary>
public static class PlatformFacts
{
    /// <summary>Whether ACPI tables were found.</summary>
    public static bool HasAcpi => AcpiTables.Exist;

    /// <summary>Whether there is a valid FADT, which tells fixed hardware.</summary>
    public static bool HasFadt => AcpiTables.HasFixedTable;

    /// <summary>Whether there is a valid MADT, which tells CPUs and interrupt controllers.</summary>
    public static bool HasMadt => AcpiTables.TryReadMadt(out _);

    /// <summary>Whether there is a valid MCFG, which tells where PCI Express configuration space is.</summary>
    public static bool HasMcfg => AcpiTables.TryReadMcfg(out _);

    /// <summary>Whether there is a valid HPET table.</summary>
    public static bool HasHpet => AcpiTables.TryReadHpet(out _);

    /// <summary>Whether the tables tell how to turn the machine off.</summary>
    public static bool HasSoftOff => AcpiTables.HasSoftOff;

    /// <summary>Reads the CMOS clock, in seconds since 1970-01-01 00:00:00 UTC; false when there is none or it holds no valid time.</summary>
    public static bool TryReadCmosClock(out long seconds)
    {
        seconds = 0;
        return (!HasFadt || AcpiTables.FixedTable.MayHaveCmosClock)
            && CmosClock.TryRead(HasFadt ? AcpiTables.FixedTable.CenturyIndex : (byte)0, out seconds);
    }
}
