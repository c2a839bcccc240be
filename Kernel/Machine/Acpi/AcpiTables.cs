using System;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;

namespace CosmosKernel.Machine.Acpi;

/// <summary>
/// The machine's ACPI tables. They stay where the firmware put them, in memory that is never given to the frame allocator.
/// Found at boot, constant afterwards; reading is allowed in any context.
/// </summary>
[Immutable]
internal static unsafe class AcpiTables
{
    private const ulong EbdaPointer = 0x40E;
    private const int EbdaBytes = 1024;
    private const ulong BiosArea = 0xE_0000;
    private const int BiosBytes = 0x2_0000;
    private const ulong LowestEbda = 0x8_0000;
    private const ulong EndOfLowMemory = 0xA_0000;

    // The direct map has no smaller pages.
    private const ulong MappingStep = 1ul << 21;

    // A table of tables with more entries than this is damaged.
    private const int MostTables = 4096;

    private static RootPointer s_root;
    private static ulong s_madt;
    private static ulong s_hpet;
    private static ulong s_mcfg;
    private static Fadt s_fadt;
    private static bool s_hasFadt;
    private static SleepType s_softOff;

    /// <summary>Whether the machine describes itself by ACPI.</summary>
    internal static bool Exist => s_root.RootTableAddress != 0;

    /// <summary>Whether <see cref="FixedTable"/> was found whole.</summary>
    internal static bool HasFixedTable => s_hasFadt;

    /// <summary>The FADT; all zero when <see cref="HasFixedTable"/> is false.</summary>
    internal static ref readonly Fadt FixedTable => ref s_fadt;

    /// <summary>Whether the sleep type for soft-off is known.</summary>
    internal static bool HasSoftOff { get; private set; }

    /// <summary>The sleep type for soft-off.</summary>
    internal static SleepType SoftOff => s_softOff;

    /// <summary>Number of entries of the root table that are looked at.</summary>
    internal static int RootCount => TryReadRoot(out RootTable root) ? Math.Min(root.Count, MostTables) : 0;

    /// <summary>Finds the tables, and logs each that is malformed and ignored. Boot CPU, once.</summary>
    /// <param name="rootPointer">Physical address of the RSDP from the boot loader, 0 to search for it.</param>
    [BeforePublication]
    internal static void Initialize(ulong rootPointer)
    {
        if (!TryFindRoot(rootPointer, out s_root))
        {
            BootLog.Line("acpi: no root pointer, this machine is taken for one without ACPI"u8);
            return;
        }

        TableStatus status = RootTable.Read(BytesAt(s_root.RootTableAddress), s_root.IsExtended, out RootTable tables);
        if (status != TableStatus.Valid)
        {
            LogIgnored(s_root.IsExtended ? "XSDT"u8 : "RSDT"u8, status);
            return;
        }

        s_madt = Find(tables, "APIC"u8);
        s_hpet = Find(tables, "HPET"u8);
        s_mcfg = Find(tables, "MCFG"u8);
        ulong fadt = Find(tables, "FACP"u8);
        if (fadt != 0)
        {
            status = Fadt.Read(BytesAt(fadt), out s_fadt);
            s_hasFadt = status == TableStatus.Valid;
            if (!s_hasFadt)
            {
                LogIgnored("FACP"u8, status);
            }
        }

        FindSoftOff(tables);
    }

    /// <summary>Reads the MADT; logs and returns false when there is none or it is malformed.</summary>
    internal static bool TryReadMadt(out Madt madt)
    {
        madt = default;
        return s_madt != 0 && Report("APIC"u8, Madt.Read(BytesAt(s_madt), out madt));
    }

    /// <summary>Reads the HPET table; logs and returns false when there is none or it is malformed.</summary>
    internal static bool TryReadHpet(out ulong physicalAddress)
    {
        physicalAddress = 0;
        return s_hpet != 0 && Report("HPET"u8, HpetTable.Read(BytesAt(s_hpet), out physicalAddress));
    }

    /// <summary>Reads the MCFG; logs and returns false when there is none or it is malformed.</summary>
    internal static bool TryReadMcfg(out Mcfg mcfg)
    {
        mcfg = default;
        return s_mcfg != 0 && Report("MCFG"u8, Mcfg.Read(BytesAt(s_mcfg), out mcfg));
    }

    /// <summary>Gives the table that an entry of the root table points to, checked; false when there is none or it is malformed.</summary>
    internal static bool TryGet(int index, out ReadOnlySpan<byte> table)
    {
        table = default;
        if ((uint)index >= MostTables || !TryReadRoot(out RootTable root))
        {
            return false;
        }

        ReadOnlySpan<byte> bytes = BytesAt(root.Address(index));
        return bytes.Length >= SystemTable.HeaderLength && SystemTable.Check(bytes, bytes[..4], out table) == TableStatus.Valid;
    }

    /// <summary>Gives the DSDT, checked; false when there is none or it is malformed.</summary>
    internal static bool TryGetDsdt(out ReadOnlySpan<byte> table)
    {
        table = default;
        return s_hasFadt && SystemTable.Check(BytesAt(s_fadt.DsdtAddress), "DSDT"u8, out table) == TableStatus.Valid;
    }

    /// <summary>Whether all of a physical range is in the direct map, so that it can be looked at.</summary>
    internal static bool IsReachable(ulong physical, ulong length)
    {
        if (physical == 0 || physical + length < physical || physical + length > DirectMap.Limit - DirectMap.Base)
        {
            return false;
        }

        for (ulong at = physical & ~(MappingStep - 1); at < physical + length; at += MappingStep)
        {
            if (!PageTables.TryTranslate((ulong)DirectMap.ToVirtual(at), out _))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryReadRoot(out RootTable root)
    {
        root = default;
        return Exist && RootTable.Read(BytesAt(s_root.RootTableAddress), s_root.IsExtended, out root) == TableStatus.Valid;
    }

    private static bool TryFindRoot(ulong given, out RootPointer root)
    {
        if (IsReachable(given, RootPointer.ExtendedLength))
        {
            TableStatus status = RootPointer.Read(Bytes(given, RootPointer.ExtendedLength), out root);
            if (status == TableStatus.Valid)
            {
                return true;
            }

            LogIgnored("RSDP"u8, status);
        }

        ulong ebda = (ulong)*(ushort*)DirectMap.ToVirtual(EbdaPointer) << 4;
        if (ebda is >= LowestEbda and < EndOfLowMemory && TryScan(ebda, EbdaBytes, out root))
        {
            return true;
        }

        return TryScan(BiosArea, BiosBytes, out root);
    }

    private static bool TryScan(ulong physical, int length, out RootPointer root)
    {
        ReadOnlySpan<byte> area = Bytes(physical, length);
        int offset = RootPointer.Find(area);
        root = default;
        return offset >= 0 && RootPointer.Read(area[offset..], out root) == TableStatus.Valid;
    }

    private static ulong Find(in RootTable tables, ReadOnlySpan<byte> signature)
    {
        for (int i = 0; i < tables.Count && i < MostTables; i++)
        {
            ulong address = tables.Address(i);
            if (IsReachable(address, SystemTable.HeaderLength)
                && TableBytes.Matches(Bytes(address, SystemTable.HeaderLength), 0, signature))
            {
                return address;
            }
        }

        return 0;
    }

    [BeforePublication]
    private static void FindSoftOff(in RootTable tables)
    {
        if (!s_hasFadt)
        {
            return;
        }

        TableStatus status = SystemTable.Check(BytesAt(s_fadt.DsdtAddress), "DSDT"u8, out ReadOnlySpan<byte> dsdt);
        if (status != TableStatus.Valid)
        {
            LogIgnored("DSDT"u8, status);
        }
        else if (SleepType.TryFind(dsdt[SystemTable.HeaderLength..], out s_softOff))
        {
            HasSoftOff = true;
            return;
        }

        for (int i = 0; i < tables.Count && i < MostTables && !HasSoftOff; i++)
        {
            if (SystemTable.Check(BytesAt(tables.Address(i)), "SSDT"u8, out ReadOnlySpan<byte> ssdt) == TableStatus.Valid)
            {
                HasSoftOff = SleepType.TryFind(ssdt[SystemTable.HeaderLength..], out s_softOff);
            }
        }
    }

    // All bytes of the table at this address as its header says; only the header, or nothing, if the rest cannot be reached. The checks of the
    // parsers then find the length wrong.
    private static ReadOnlySpan<byte> BytesAt(ulong physical)
    {
        if (!IsReachable(physical, SystemTable.HeaderLength))
        {
            return default;
        }

        ReadOnlySpan<byte> header = Bytes(physical, SystemTable.HeaderLength);
        uint length = SystemTable.LengthOf(header);
        return length is > SystemTable.HeaderLength and <= SystemTable.MaximumLength && IsReachable(physical, length)
            ? Bytes(physical, (int)length)
            : header;
    }

    private static ReadOnlySpan<byte> Bytes(ulong physical, int length)
    {
        return new ReadOnlySpan<byte>(DirectMap.ToVirtual(physical), length);
    }

    private static bool Report(ReadOnlySpan<byte> name, TableStatus status)
    {
        if (status == TableStatus.Valid)
        {
            return true;
        }

        LogIgnored(name, status);
        return false;
    }

    private static void LogIgnored(ReadOnlySpan<byte> name, TableStatus status)
    {
        BootLog.Begin("acpi: table "u8);
        EarlyConsole.Write(name);
        EarlyConsole.Write(" ignored: "u8);
        EarlyConsole.WriteLine(TableStatusText.Describe(status));
    }
}
