using System;

namespace CosmosKernel.Machine.Acpi;

/// <summary>
/// What the kernel uses of the fixed ACPI description table (ACPI 6.5, section 5.2.9): power management registers, reset,
/// and what legacy hardware is missing.
/// </summary>
internal readonly struct Fadt
{
    // The table of ACPI 1.0, which has none of the extended fields.
    private const int FirstLength = 116;
    private const uint PowerButtonIsDevice = 1u << 4;
    private const uint SleepButtonIsDevice = 1u << 5;
    private const uint TimerIs32Bits = 1u << 8;
    private const uint ResetSupported = 1u << 10;
    private const uint ReducedHardware = 1u << 20;
    private const ushort Has8042 = 1 << 1;
    private const ushort HasNoCmosClock = 1 << 5;

    private readonly uint _flags;
    private readonly ushort _bootArchitecture;
    private readonly byte _revision;

    private Fadt(ReadOnlySpan<byte> table)
    {
        _flags = TableBytes.U32(table, 112);
        _bootArchitecture = TableBytes.U16(table, 109);
        _revision = TableBytes.U8(table, 8);

        ulong dsdt = TableBytes.U64(table, 140);
        DsdtAddress = dsdt != 0 ? dsdt : TableBytes.U32(table, 40);
        SciInterrupt = TableBytes.U16(table, 46);
        SmiCommandPort = TableBytes.U32(table, 48);
        AcpiEnableValue = TableBytes.U8(table, 52);
        Pm1EventLength = TableBytes.U8(table, 88);
        Pm1aEvent = Block(table, 148, 56, Pm1EventLength);
        Pm1bEvent = Block(table, 160, 60, Pm1EventLength);
        Pm1aControl = Block(table, 172, 64, TableBytes.U8(table, 89));
        Pm1bControl = Block(table, 184, 68, TableBytes.U8(table, 89));
        PmTimer = Block(table, 208, 76, TableBytes.U8(table, 91));
        CenturyIndex = TableBytes.U8(table, 108);
        ResetRegister = GenericAddress.Read(table, 116);
        ResetValue = TableBytes.U8(table, 128);
        SleepControl = GenericAddress.Read(table, 244);
    }

    /// <summary>Physical address of the DSDT.</summary>
    internal ulong DsdtAddress { get; }

    /// <summary>The ISA or global interrupt number of the system control interrupt.</summary>
    internal ushort SciInterrupt { get; }

    /// <summary>Port to which <see cref="AcpiEnableValue"/> is written to leave legacy mode; 0 when there is no such mode.</summary>
    internal uint SmiCommandPort { get; }

    /// <summary>Value for <see cref="SmiCommandPort"/>.</summary>
    internal byte AcpiEnableValue { get; }

    /// <summary>PM1a event block: status registers, then enable registers.</summary>
    internal GenericAddress Pm1aEvent { get; }

    /// <summary>PM1b event block; does not exist on most machines.</summary>
    internal GenericAddress Pm1bEvent { get; }

    /// <summary>Bytes of an event block.</summary>
    internal byte Pm1EventLength { get; }

    /// <summary>Whether the power button is a fixed event.</summary>
    internal bool HasFixedPowerButton => (_flags & PowerButtonIsDevice) == 0;

    /// <summary>Whether the sleep button is a fixed event.</summary>
    internal bool HasFixedSleepButton => (_flags & SleepButtonIsDevice) == 0;

    /// <summary>PM1a control register: sleep type and sleep enable.</summary>
    internal GenericAddress Pm1aControl { get; }

    /// <summary>PM1b control register; does not exist on most machines.</summary>
    internal GenericAddress Pm1bControl { get; }

    /// <summary>Power management timer, 3,579,545 Hz.</summary>
    internal GenericAddress PmTimer { get; }

    /// <summary>Whether the power management timer counts 32 bits, not 24.</summary>
    internal bool IsPmTimer32Bits => (_flags & TimerIs32Bits) != 0;

    /// <summary>Index of the century byte in CMOS memory, or 0.</summary>
    internal byte CenturyIndex { get; }

    /// <summary>Register that resets the machine; see <see cref="CanReset"/>.</summary>
    internal GenericAddress ResetRegister { get; }

    /// <summary>Value that resets the machine.</summary>
    internal byte ResetValue { get; }

    /// <summary>Whether <see cref="ResetRegister"/> works.</summary>
    internal bool CanReset => (_flags & ResetSupported) != 0 && ResetRegister.Exists;

    /// <summary>Hardware-reduced machines: the sleep control register that replaces PM1 control.</summary>
    internal GenericAddress SleepControl { get; }

    /// <summary>Whether the machine has no PM1 and PM timer registers at all.</summary>
    internal bool IsHardwareReduced => (_flags & ReducedHardware) != 0;

    /// <summary>Whether a PS/2 controller may be there. Tables of revision 1 do not say, so it may.</summary>
    internal bool MayHaveKeyboardController => _revision < 2 || (_bootArchitecture & Has8042) != 0;

    /// <summary>Whether the CMOS clock may be there.</summary>
    internal bool MayHaveCmosClock => _revision < 2 || (_bootArchitecture & HasNoCmosClock) == 0;

    /// <summary>Checks the table and reads it.</summary>
    internal static TableStatus Read(ReadOnlySpan<byte> bytes, out Fadt fadt)
    {
        fadt = default;
        TableStatus status = SystemTable.Check(bytes, "FACP"u8, out ReadOnlySpan<byte> table);
        if (status != TableStatus.Valid)
        {
            return status;
        }

        if (table.Length < FirstLength)
        {
            return TableStatus.BadLength;
        }

        fadt = new Fadt(table);
        return TableStatus.Valid;
    }

    // The extended field counts when it is not 0; the older one is a port number with its length in bytes elsewhere.
    private static GenericAddress Block(ReadOnlySpan<byte> table, int extendedOffset, int offset, byte length)
    {
        GenericAddress extended = GenericAddress.Read(table, extendedOffset);
        return extended.Exists
            ? extended
            : new GenericAddress(AddressSpaceKind.SystemIo, (byte)Math.Min(length * 8, 64), TableBytes.U32(table, offset));
    }
}
