using System;
using CosmosKernel.Machine.Acpi;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Smp;
using CosmosKernel.Machine.Threads;
using CosmosKernel.Machine.Time;

namespace CosmosKernel.Machine.Devices;

/// <summary>
/// Brings up what every PC has, in the order in which the parts need each other: ACPI tables, interrupt controllers, clocks, PCI configuration space.
/// </summary>
[Immutable]
public static unsafe class Platform
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const int RealtimeAttempts = 10;
    private const ulong KiloHertz = 1_000;

    private static PlatformOptions s_options;

    /// <summary>The boot options of this part.</summary>
    public static ref readonly PlatformOptions Options => ref s_options;

    /// <summary>
    /// Starts everything on the boot CPU, interrupts off; they may be turned on afterwards. Allocates nothing. <see cref="CpuStartup.StartAll"/> comes later, when there
    /// is a scheduler.
    /// </summary>
    [BeforePublication]
    public static void Initialize()
    {
        s_options = PlatformOptions.Parse(BootInformation.CommandLine, out ReadOnlySpan<byte> malformed);
        if (malformed.Length != 0)
        {
            BootLog.Begin("boot: option ignored, its value is not known: "u8);
            EarlyConsole.WriteLine(malformed);
        }

        SpinLockOrder.IsQueued = s_options.SpinLocksAreQueued || (!Hypervisor.IsPresent && !s_options.SpinLocksAreUnfair);
        if (!s_options.NoAcpi)
        {
            AcpiTables.Initialize(BootInformation.Rsdp);
        }

        InitializeInterrupts();
        InitializeClocks();
        PciConfiguration.Initialize();
    }

    [BeforePublication]
    private static void InitializeInterrupts()
    {
        LegacyPic.Disable();
        bool hasMadt = AcpiTables.TryReadMadt(out Madt madt);
        LocalApic.Initialize(hasMadt ? madt.LocalApicAddress : 0, !s_options.NoX2Apic);
        Cpu.Current->ApicId = LocalApic.CurrentId;
        ulong processorUid = uint.MaxValue;
        foreach (MadtEntry entry in madt)
        {
            if (entry.IsUsableProcessor && entry.ApicId == Cpu.Current->ApicId)
            {
                processorUid = entry.ProcessorUid;
            }
            else if (entry.Kind == MadtEntryKind.IoApic)
            {
                AddIoApic(entry);
            }
            else if (entry.Kind == MadtEntryKind.SourceOverride && entry.Bus == 0)
            {
                IsaInterrupts.Override(entry.Source, new InterruptLine(entry.GlobalInterrupt, entry.IsActiveLow, entry.IsLevelTriggered));
            }
        }

        LocalInterruptPins.Enable(processorUid);
        InterruptTable.SetHandler(Vectors.Spurious, &OnSpurious);
        InterruptTable.SetHandler(Vectors.ApicError, &OnApicError);
        InterruptTable.SetHandler(Vectors.Timer, &OnTimer);
        InterruptTable.SetHandler(Vectors.Reschedule, &OnReschedule);
        InterruptTable.SetHandler(Vectors.CallFunction, &OnCallFunction);
        InterruptTable.SetHandler(Vectors.Attention, &OnAttention);
        Panic.SetStopOthers(&LocalApic.SendNmiToAllOthers);
        CallFunction.Join();
    }

    private static void AddIoApic(in MadtEntry entry)
    {
        if (AcpiTables.IsReachable(entry.IoApicAddress, sizeof(uint)) && IoApic.Add(entry.IoApicAddress, entry.GlobalInterrupt))
        {
            return;
        }

        BootLog.Begin("apic: I/O APIC "u8);
        EarlyConsole.WriteDecimal(entry.ApicId);
        EarlyConsole.WriteLine(" ignored: it does not answer, or overlaps another one"u8);
    }

    [BeforePublication]
    private static void InitializeClocks()
    {
        if (!s_options.NoHpet && AcpiTables.TryReadHpet(out ulong hpet)
            && (!AcpiTables.IsReachable(hpet, 1024) || !Hpet.Initialize(hpet)))
        {
            BootLog.Line("clock: the HPET does not count, ignored"u8);
        }

        if (AcpiTables.HasFixedTable && !AcpiTables.FixedTable.IsHardwareReduced)
        {
            PmTimer.Initialize(AcpiTables.FixedTable.PmTimer, AcpiTables.FixedTable.IsPmTimer32Bits);
        }

        TscCalibration.Run();
        bool tscIsSteady = s_options.TscIsReliable || CpuId.HasInvariantTsc || Hypervisor.IsPresent;
        StartClock(tscIsSteady);
        ClockEvent.Initialize(tscIsSteady, !s_options.NoTscDeadline, !s_options.NoApicTimer);
        ReadRealtime();
        LogClocks();
    }

    [BeforePublication]
    private static void StartClock(bool tscIsSteady)
    {
        ulong frequency = TscCalibration.Frequency;
        if (frequency != 0)
        {
            Clock.SetTscRate(frequency, MachineStart.StartTicks);
        }

        bool wantsTsc = frequency != 0 && tscIsSteady && !s_options.NoTscClock;
        if (wantsTsc || (!Clock.UseCounter(s_options.ClockIsPmTimer) && frequency != 0))
        {
            Clock.StartWithTsc(frequency, MachineStart.StartTicks);
        }

        if (Clock.Source == ClockSource.None)
        {
            Panic.Now("This machine has no clock that the kernel knows: no TSC rate, HPET or ACPI timer"u8);
        }

        if (TscCalibration.Disbelieved != TscRateSource.None)
        {
            BootLog.Line("clock: the CPU states a TSC rate that measurement contradicts, using the measured one"u8);
        }
    }

    private static void ReadRealtime()
    {
        byte century = AcpiTables.HasFixedTable ? AcpiTables.FixedTable.CenturyIndex : (byte)0;
        if (AcpiTables.HasFixedTable && !AcpiTables.FixedTable.MayHaveCmosClock)
        {
            BootLog.Line("clock: this machine has no CMOS clock, real time starts in 1970"u8);
        }
        else if (!TrySetRealtime(century))
        {
            BootLog.Line("clock: the CMOS clock holds no valid time, real time starts in 1970"u8);
        }
    }

    // A hypervisor that stops the CPU between the reading and the setting would leave real time behind for good: then the clock is read again.
    private static bool TrySetRealtime(byte century)
    {
        for (int i = 0; i < RealtimeAttempts; i++)
        {
            ulong start = Clock.MonotonicNanoseconds;
            if (!CmosClock.TryRead(century, out long seconds))
            {
                return i > 0;
            }

            Clock.SetRealtime(seconds * NanosecondsPerSecond);
            if (Clock.MonotonicNanoseconds - start < NanosecondsPerSecond / 10)
            {
                break;
            }
        }

        return true;
    }

    private static void LogClocks()
    {
        BootLog.Begin("clock: TSC "u8);
        EarlyConsole.WriteDecimal(Clock.TscFrequency / KiloHertz);
        EarlyConsole.Write(" kHz ("u8);
        EarlyConsole.Write(SourceName(TscCalibration.Source));
        EarlyConsole.Write("), counting "u8);
        EarlyConsole.Write(Clock.Source switch
        {
            ClockSource.Tsc => "the TSC"u8,
            ClockSource.Hpet => "the HPET"u8,
            _ => "the ACPI timer"u8,
        });
        EarlyConsole.Write(", events by "u8);
        EarlyConsole.WriteLine(ClockEvent.Device switch
        {
            ClockEventDevice.TscDeadline => "TSC deadline"u8,
            ClockEventDevice.ApicTimer => "APIC timer"u8,
            ClockEventDevice.HpetBroadcast => "HPET, broadcast"u8,
            _ => "PIT, broadcast"u8,
        });
    }

    private static ReadOnlySpan<byte> SourceName(TscRateSource source)
    {
        return source switch
        {
            TscRateSource.CpuIdCrystal => "CPUID 0x15"u8,
            TscRateSource.CpuIdBase => "CPUID 0x16"u8,
            TscRateSource.Hypervisor => "hypervisor"u8,
            TscRateSource.Hpet => "HPET"u8,
            TscRateSource.Pit => "PIT"u8,
            TscRateSource.PmTimer => "ACPI timer"u8,
            _ => "unknown"u8,
        };
    }

    private static void OnSpurious(InterruptFrame* frame)
    {
        LocalApic.OnSpurious();
    }

    private static void OnApicError(InterruptFrame* frame)
    {
        LocalApic.OnError();
        LocalApic.EndOfInterrupt();
    }

    private static void OnTimer(InterruptFrame* frame)
    {
        LocalApic.EndOfInterrupt();
        ClockEvent.OnInterrupt();
        MachineEvents.Instance?.ClockExpired(Clock.MonotonicNanoseconds);
    }

    private static void OnReschedule(InterruptFrame* frame)
    {
        LocalApic.EndOfInterrupt();
        MachineEvents.Instance?.RescheduleRequested();
    }

    private static void OnCallFunction(InterruptFrame* frame)
    {
        LocalApic.EndOfInterrupt();
        CallFunction.OnInterrupt();
    }

    // What was asked for is done at the return to user mode.
    private static void OnAttention(InterruptFrame* frame) => LocalApic.EndOfInterrupt();
}
