using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Acpi;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Machine.Time;

namespace CosmosKernel.Machine.Power;

/// <summary>
/// Ends the machine: power-off and reset, by every way that PCs know, the standard one first. Nothing is saved and no other CPU is told: callers have stopped
/// what must be stopped. Any context; none of the members that end the machine return.
/// </summary>
public static unsafe class MachinePower
{
    /// <summary>QEMU's isa-debug-exit: QEMU ends with status 2 * value + 1. Nothing answers there on other machines.</summary>
    private const ushort DebugExitPort = 0xF4;

    private const byte DebugExitPoweredOff = 0x10;
    private const ushort BochsShutdownPort = 0x8900;
    private const ushort SleepEnable = 1 << 13;
    private const int SleepTypeShift = 10;
    private const ushort SleepTypeMask = 7 << SleepTypeShift;
    private const ushort SciEnabled = 1;
    private const byte ReducedSleepEnable = 1 << 5;
    private const int ReducedSleepTypeShift = 2;
    private const ushort ResetControlPort = 0xCF9;
    private const byte ResetCpu = 0x02;
    private const byte ResetNow = 0x04;
    private const ushort KeyboardCommandPort = 0x64;
    private const byte KeyboardInputFull = 0x02;
    private const byte PulseResetLine = 0xFE;
    private const int KeyboardSpins = 100_000;
    private const ulong Millisecond = 1_000_000;
    private const ulong AcpiEnableTime = 300 * Millisecond;
    private const ulong PowerOffTime = 100 * Millisecond;
    private const ulong ResetTime = 20 * Millisecond;

    /// <summary>
    /// Turns the machine off: ACPI soft-off, then the emulators' ways (QEMU's debug exit with 0x10, Bochs' shutdown port). If
    /// nothing helps, halts this CPU.
    /// </summary>
    public static void PowerOff()
    {
        InterruptFlag.Disable();
        EarlyConsole.Flush();
        if (AcpiTables.HasFixedTable && AcpiTables.HasSoftOff)
        {
            EnterSoftOff(AcpiTables.FixedTable, AcpiTables.SoftOff);
            Clock.Delay(PowerOffTime);
        }

        ExitEmulator(DebugExitPoweredOff);
        foreach (byte letter in "Shutdown"u8)
        {
            Ports.Out8(BochsShutdownPort, letter);
        }

        BootLog.Line("power: this machine cannot be turned off by software; turn it off now"u8);
        EarlyConsole.Flush();
        CpuInstructions.HaltForever();
    }

    /// <summary>
    /// Ends QEMU with exit status 2 * <paramref name="value"/> + 1 if it has the isa-debug-exit device; returns otherwise. docs/testing.md says
    /// which values mean what.
    /// </summary>
    public static void ExitEmulator(byte value)
    {
        EarlyConsole.Flush();
        Ports.Out8(DebugExitPort, value);
    }

    /// <summary>Stops all CPUs for good; does not return. Task context.</summary>
    public static void Halt()
    {
        InterruptFlag.Disable();
        WorldStop.Stop();
        CpuInstructions.HaltForever();
    }

    /// <summary>
    /// Resets the machine: ACPI's reset register, the chipset's reset control, the keyboard controller, and last a triple fault, which every
    /// PC answers with a reset.
    /// </summary>
    public static void Reboot()
    {
        InterruptFlag.Disable();
        EarlyConsole.Flush();
        if (AcpiTables.HasFixedTable && AcpiTables.FixedTable.CanReset)
        {
            WriteRegister(AcpiTables.FixedTable.ResetRegister, AcpiTables.FixedTable.ResetValue);
            Clock.Delay(ResetTime);
        }

        Ports.Out8(ResetControlPort, ResetCpu);
        Ports.Out8(ResetControlPort, ResetCpu | ResetNow);
        Clock.Delay(ResetTime);
        ResetByKeyboardController();
        Clock.Delay(ResetTime);
        TripleFault();
        CpuInstructions.HaltForever();
    }

    private static void EnterSoftOff(in Fadt fadt, SleepType type)
    {
        if (fadt.IsHardwareReduced)
        {
            WriteRegister(fadt.SleepControl, (byte)((type.A << ReducedSleepTypeShift) | ReducedSleepEnable));
            return;
        }

        EnableAcpi(fadt);
        Sleep(fadt.Pm1aControl, type.A);
        Sleep(fadt.Pm1bControl, type.B);
    }

    /// <summary>See <see cref="Acpi.FixedHardware.TryEnableEvents"/>.</summary>
    internal static bool TryEnableAcpi()
    {
        ref readonly Fadt fadt = ref AcpiTables.FixedTable;
        EnableAcpi(fadt);
        return fadt.Pm1aControl.IsPort && (Ports.In16((ushort)fadt.Pm1aControl.Address) & SciEnabled) != 0;
    }

    // Out of the mode in which firmware handles power events (ACPI 6.5, section 4.8.3); some machines ignore sleep requests in it.
    private static void EnableAcpi(in Fadt fadt)
    {
        if (fadt.SmiCommandPort is 0 or > 0xFFFF || fadt.AcpiEnableValue == 0 || !fadt.Pm1aControl.IsPort
            || (Ports.In16((ushort)fadt.Pm1aControl.Address) & SciEnabled) != 0)
        {
            return;
        }

        Ports.Out8((ushort)fadt.SmiCommandPort, fadt.AcpiEnableValue);
        for (ulong waited = 0; waited < AcpiEnableTime && (Ports.In16((ushort)fadt.Pm1aControl.Address) & SciEnabled) == 0; waited += Millisecond)
        {
            Clock.Delay(Millisecond);
        }
    }

    private static void Sleep(GenericAddress control, byte type)
    {
        if (!control.IsPort)
        {
            return;
        }

        ushort port = (ushort)control.Address;
        int value = (Ports.In16(port) & ~(SleepTypeMask | SleepEnable)) | (type << SleepTypeShift);

        // The type first, then again with the enable bit, as ACPI 6.5, section 4.8.3.2.1 wants it.
        Ports.Out16(port, (ushort)value);
        Ports.Out16(port, (ushort)(value | SleepEnable));
    }

    private static void WriteRegister(GenericAddress register, byte value)
    {
        if (register.IsPort)
        {
            Ports.Out8((ushort)register.Address, value);
        }
        else if (register.Space == AddressSpaceKind.SystemMemory && AcpiTables.IsReachable(register.Address, 1))
        {
            Volatile.Write(ref *(byte*)DirectMap.ToVirtual(register.Address), value);
        }
        else if (register.Space == AddressSpaceKind.PciConfiguration && register.Exists)
        {
            PciAddress address = new(0, 0, (byte)(register.Address >> 32), (byte)(register.Address >> 16));
            PciConfiguration.Write8(address, (ushort)register.Address, value);
        }
    }

    private static void ResetByKeyboardController()
    {
        if (AcpiTables.HasFixedTable && !AcpiTables.FixedTable.MayHaveKeyboardController)
        {
            return;
        }

        for (int i = 0; i < KeyboardSpins && (Ports.In8(KeyboardCommandPort) & KeyboardInputFull) != 0; i++)
        {
            CpuInstructions.Pause();
        }

        Ports.Out8(KeyboardCommandPort, PulseResetLine);
    }

    /// <summary>
    /// Makes this CPU fail to deliver an exception, three levels deep (Intel SDM vol. 3A, section 6.15), which resets the machine without a word: the last way to reboot, and a
    /// test of those who watch the machine. Any context.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void TripleFault()
    {
        EmptyTable none = default;
        CpuInstructions.LoadIdt(&none);
        CpuInstructions.Breakpoint();
    }

    // Limit and base, 10 bytes, all zero: no entry at all.
    private struct EmptyTable
    {
        private ulong _limitAndBase;
        private ulong _rest;
    }
}
