using System;

namespace CosmosKernel.Machine.Acpi;

/// <summary>One structure of the <see cref="Madt"/>. A property is meaningful for the kinds that its summary names.</summary>
internal readonly ref struct MadtEntry
{
    private const uint Enabled = 1;
    private const uint OnlineCapable = 2;

    private readonly ReadOnlySpan<byte> _bytes;

    internal MadtEntry(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
    }

    /// <summary>The entry's kind; values that <see cref="MadtEntryKind"/> does not name are to be skipped.</summary>
    internal MadtEntryKind Kind => (MadtEntryKind)TableBytes.U8(_bytes, 0);

    /// <summary>Whether the entry describes a processor that is there and may be started.</summary>
    internal bool IsUsableProcessor => Kind switch
    {
        MadtEntryKind.LocalApic => ApicId != 0xFF && (TableBytes.U32(_bytes, 4) & Enabled) != 0,
        MadtEntryKind.LocalX2Apic => ApicId != 0xFFFF_FFFF && (TableBytes.U32(_bytes, 8) & Enabled) != 0,
        _ => false,
    };

    /// <summary>Whether the entry describes a processor that could be plugged in later.</summary>
    internal bool IsPluggableProcessor => Kind switch
    {
        MadtEntryKind.LocalApic => (TableBytes.U32(_bytes, 4) & (Enabled | OnlineCapable)) == OnlineCapable,
        MadtEntryKind.LocalX2Apic => (TableBytes.U32(_bytes, 8) & (Enabled | OnlineCapable)) == OnlineCapable,
        _ => false,
    };

    /// <summary>Processors: the local APIC's id. I/O APICs: the I/O APIC's id.</summary>
    internal uint ApicId => Kind switch
    {
        MadtEntryKind.LocalApic => TableBytes.U8(_bytes, 3),
        MadtEntryKind.LocalX2Apic => TableBytes.U32(_bytes, 4),
        _ => TableBytes.U8(_bytes, 2),
    };

    /// <summary>
    /// Processors: the identity that <see cref="AppliesToProcessor"/> compares.
    /// </summary>
    internal uint ProcessorUid => Kind == MadtEntryKind.LocalApic ? TableBytes.U8(_bytes, 2) : TableBytes.U32(_bytes, 12);

    /// <summary>I/O APICs: physical address of the registers.</summary>
    internal ulong IoApicAddress => TableBytes.U32(_bytes, 4);

    /// <summary>I/O APICs: the global interrupt of its first pin. Overrides: the global interrupt.</summary>
    internal uint GlobalInterrupt => Kind == MadtEntryKind.IoApic ? TableBytes.U32(_bytes, 8) : TableBytes.U32(_bytes, 4);

    /// <summary>Overrides: the bus, 0 for ISA.</summary>
    internal byte Bus => TableBytes.U8(_bytes, 2);

    /// <summary>Overrides: the interrupt number on the bus.</summary>
    internal byte Source => TableBytes.U8(_bytes, 3);

    /// <summary>Overrides and NMI entries: polarity in bits 0 and 1, trigger mode in bits 2 and 3.</summary>
    internal ushort Flags => Kind switch
    {
        MadtEntryKind.SourceOverride => TableBytes.U16(_bytes, 8),
        MadtEntryKind.LocalApicNmi => TableBytes.U16(_bytes, 3),
        _ => TableBytes.U16(_bytes, 2),
    };

    /// <summary>Flags: the line is active when low. "As the bus defines" counts as high, which is right for ISA.</summary>
    internal bool IsActiveLow => (Flags & 3) == 3;

    /// <summary>Flags: the line is level-triggered. "As the bus defines" counts as edge, which is right for ISA.</summary>
    internal bool IsLevelTriggered => ((Flags >> 2) & 3) == 3;

    /// <summary>NMI entries: which local pin, 0 or 1.</summary>
    internal byte LocalPin => TableBytes.U8(_bytes, Kind == MadtEntryKind.LocalApicNmi ? 5 : 8);

    /// <summary>The address override: physical address of the local APICs.</summary>
    internal ulong LocalApicAddress => TableBytes.U64(_bytes, 4);

    /// <summary>NMI entries: whether the entry is meant for the processor with this identity.</summary>
    internal bool AppliesToProcessor(uint uid)
    {
        return Kind switch
        {
            MadtEntryKind.LocalApicNmi => TableBytes.U8(_bytes, 2) is byte own && (own == 0xFF || own == uid),
            MadtEntryKind.LocalX2ApicNmi => TableBytes.U32(_bytes, 4) is uint own && (own == 0xFFFF_FFFF || own == uid),
            _ => false,
        };
    }

    /// <summary>The shortest length that an entry of this kind can have; 2 for kinds that are skipped.</summary>
    internal static int MinimumLength(byte kind)
    {
        return (MadtEntryKind)kind switch
        {
            MadtEntryKind.LocalApic => 8,
            MadtEntryKind.IoApic => 12,
            MadtEntryKind.SourceOverride => 10,
            MadtEntryKind.LocalApicNmi => 6,
            MadtEntryKind.LocalApicAddress => 12,
            MadtEntryKind.LocalX2Apic => 16,
            MadtEntryKind.LocalX2ApicNmi => 12,
            _ => 2,
        };
    }
}
