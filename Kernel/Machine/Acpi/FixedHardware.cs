using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Power;

namespace CosmosKernel.Machine.Acpi;

/// <summary>
/// The fixed hardware of ACPI that the FADT describes (ACPI 6.5, sections 4.8 and 5.2.9): power management events, the system control interrupt, what legacy hardware there may be.
/// Found at boot, constant afterwards; any context.
/// </summary>
public static class FixedHardware
{
    /// <summary>Whether there is a valid FADT. Without one all ports below are 0.</summary>
    public static bool Exists => AcpiTables.HasFixedTable;

    /// <summary>Whether the machine has no fixed registers at all (hardware-reduced ACPI).</summary>
    public static bool IsHardwareReduced => AcpiTables.FixedTable.IsHardwareReduced;

    /// <summary>
    /// Where the system control interrupt arrives: an ISA interrupt with its override, else a global interrupt, in both cases level-triggered and active low unless the MADT says otherwise
    /// (ACPI 6.5, section 5.2.9, SCI_INT).
    /// </summary>
    public static InterruptLine SystemControlInterrupt
    {
        get
        {
            int number = AcpiTables.FixedTable.SciInterrupt;
            return IsaInterrupts.IsOverridden(number) ? IsaInterrupts.Line(number) : new InterruptLine((uint)number, activeLow: true, levelTriggered: true);
        }
    }

    /// <summary>First port of the PM1a event block: status in its lower half, enable bits in its upper half; 0 when there is none.</summary>
    public static ushort Pm1aEventPort => Port(AcpiTables.FixedTable.Pm1aEvent);

    /// <summary>First port of the PM1b event block; 0 when there is none, as on most machines.</summary>
    public static ushort Pm1bEventPort => Port(AcpiTables.FixedTable.Pm1bEvent);

    /// <summary>Bytes of an event block, both halves together: 4 or more.</summary>
    public static int Pm1EventLength => AcpiTables.FixedTable.Pm1EventLength;

    /// <summary>Port of the PM1a control register; 0 when there is none.</summary>
    public static ushort Pm1aControlPort => Port(AcpiTables.FixedTable.Pm1aControl);

    /// <summary>Whether the power button is one of the fixed events, not a device of the tables' code.</summary>
    public static bool HasPowerButton => Exists && AcpiTables.FixedTable.HasFixedPowerButton;

    /// <summary>Whether the sleep button is one of the fixed events.</summary>
    public static bool HasSleepButton => Exists && AcpiTables.FixedTable.HasFixedSleepButton;

    /// <summary>Whether a PS/2 controller may be there; yes when nothing is known.</summary>
    public static bool MayHaveKeyboardController => !Exists || AcpiTables.FixedTable.MayHaveKeyboardController;

    /// <summary>Whether the CMOS clock may be there; yes when nothing is known.</summary>
    public static bool MayHaveCmosClock => !Exists || AcpiTables.FixedTable.MayHaveCmosClock;

    /// <summary>Index of the century byte in CMOS memory, 0 when there is none.</summary>
    public static byte CenturyIndex => AcpiTables.FixedTable.CenturyIndex;

    /// <summary>
    /// Takes the machine out of the mode in which firmware handles power events, so that they come as system control interrupts (ACPI 6.5, section 4.8.3). Waits up to a third of a second.
    /// Does nothing where the machine is out of it already. Task context.
    /// </summary>
    /// <returns>False when the firmware did not let go, or there is no fixed hardware.</returns>
    public static bool TryEnableEvents() => Exists && !IsHardwareReduced && MachinePower.TryEnableAcpi();

    private static ushort Port(GenericAddress register) => register.IsPort ? (ushort)register.Address : (ushort)0;
}
