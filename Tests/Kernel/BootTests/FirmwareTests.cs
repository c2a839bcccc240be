using System;
using System.Linq;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Machine.Time;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Log;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.Tests.Boot;

/// <summary>What boot loader and firmware passed was understood.</summary>
public static class FirmwareTests
{
    private const ushort Intel = 0x8086;
    private const ushort HostBridgeOfQ35 = 0x29C0;
    private const ulong Megabyte = 1 << 20;

    /// <summary>The command line is the one that this run was started with, and its options are parted.</summary>
    [KernelTest("boot.the_command_line_is_parsed")]
    public static void TheCommandLineIsParsed()
    {
        Check.True(KernelOptions.TryGet("test", out string globs), "a run of tests has test= on its command line");
        Check.True(KernelOptions.CommandLine.Contains("test=" + globs, StringComparison.Ordinal), "the line holds the option as it was written");
        Check.False(KernelOptions.Has("tes"));
        Check.False(KernelOptions.Has(""));
        string[] names = [.. KernelOptions.All.Select(option => option.Key)];
        Check.True(names.Contains("test"), "the list of options holds it");
    }

    /// <summary>Each option that nobody knows is warned of by name, and none that is known.</summary>
    [KernelTest("boot.unknown_options_are_warned_of")]
    public static void UnknownOptionsAreWarnedOf()
    {
        string[] warnings = [.. KernelLog.Lines.Where(line => line.Level == LogLevel.Warning).Select(line => line.Text)];
        string[] known = ["acpi", "clocksource", "hpet", "lapic", "loglevel", "maxcpus", "nosmp", "nox2apic", "panic", "quiet", "test", "tsc"];
        foreach ((string name, string value) in KernelOptions.All)
        {
            string whole = value.Length > 0 ? $"{name}={value}" : name;
            bool warned = warnings.Any(text => text.Contains("unknown boot option: " + whole, StringComparison.Ordinal));
            if (known.Contains(name))
            {
                Check.False(warned, $"{whole} is known, and warned of");
            }
            else if (name.StartsWith("nonsense", StringComparison.Ordinal))
            {
                Check.True(warned, $"{whole} is unknown, and there is no warning");
            }
        }
    }

    /// <summary>The memory map is in order, without overlaps, usable where the image lies, and all of it is in the hands of the frame allocator but for what boot needed.</summary>
    [KernelTest("boot.the_memory_map_is_sane")]
    public static void TheMemoryMapIsSane()
    {
        ulong usable = 0;
        ulong end = 0;
        bool holdsImage = false;
        for (int i = 0; i < FirmwareMemoryMap.Count; i++)
        {
            MemoryRange range = FirmwareMemoryMap.Get(i);
            Check.True(range.End > range.Start, $"range {i} has bytes");
            if (range.Kind == MemoryKind.Usable)
            {
                Check.True(range.Start >= end, $"range {i} begins after the usable one before");
                Check.Equal(0ul, (range.Start | range.End) & 0xFFF, $"range {i} is made of whole pages");
                holdsImage |= range.Start <= ImageLayout.PhysicalStart && ImageLayout.PhysicalEnd <= range.End;
                usable += range.Length;
                end = range.End;
            }
        }

        Check.Equal(usable, FirmwareMemoryMap.UsableBytes);
        Check.Equal(end, FirmwareMemoryMap.HighestUsable);
        Check.True(holdsImage, "the image lies in usable memory");
        ulong managed = (ulong)FrameAllocator.ManagedFrames * Frame.Size;
        TestRunner.Figure("boot.memory_usable", usable, "bytes");
        TestRunner.Figure("boot.memory_managed", managed, "bytes");

        // The image, what the loader left, the descriptors (1/128 of memory), and the page tables of the direct map.
        ulong image = ImageLayout.PhysicalEnd - ImageLayout.PhysicalStart;
        ulong reserved = image + (usable / 100) + (16 * Megabyte);
        Check.InRange(usable - Math.Min(usable, reserved), usable, managed);
    }

    /// <summary>ACPI tables were found, with those that every PC has.</summary>
    [KernelTest("boot.acpi_tables_are_found")]
    public static void AcpiTablesAreFound()
    {
        if (KernelOptions.TryGet("acpi", out string acpi) && acpi == "off")
        {
            Check.Skip("acpi=off");
        }

        Check.True(PlatformFacts.HasAcpi, "there is a root pointer");
        Check.True(PlatformFacts.HasFadt, "there is a FADT");
        Check.True(PlatformFacts.HasMadt, "there is a MADT");
        Check.True(PlatformFacts.HasSoftOff, "the DSDT tells how to turn the machine off");
        Check.InRange(1, IoApic.MaximumUnits, IoApic.UnitCount);
        Check.True(IoApic.InterruptCount >= 16, "the I/O APICs have all ISA interrupts");
    }

    /// <summary>On q35, PCI Express configuration space and the HPET are used; on machines without them their absence is seen.</summary>
    [KernelTest("boot.the_chipsets_devices_are_found")]
    public static void TheChipsetsDevicesAreFound()
    {
        Check.True(PciFunction.TryRead(new PciAddress(0, 0, 0, 0), out PciFunction bridge), "there is a PCI host bridge");
        Check.Equal((byte)0x06, bridge.Class);
        Check.Equal(PlatformFacts.HasMcfg, PciConfiguration.MappedRangeCount > 0);
        bool usesTables = !KernelOptions.TryGet("acpi", out string acpi) || acpi != "off";
        if (usesTables && bridge.Vendor == Intel && bridge.DeviceId == HostBridgeOfQ35)
        {
            Check.True(PlatformFacts.HasMcfg, "q35 has an MCFG");
            Check.True(PlatformFacts.HasHpet, "q35 has an HPET");
            Check.True(ReferenceCounter.TryGetHpet(out _) || (KernelOptions.TryGet("hpet", out string hpet) && hpet == "disable"), "the HPET is used");
        }

        int functions = 0;
        var all = new PciEnumerator(0);
        while (all.MoveNext())
        {
            Check.True(all.Current.Vendor is not 0 and not 0xFFFF, "a function that is found has a vendor");
            functions++;
        }

        Check.InRange(2, 65536, functions);
    }

    /// <summary>The clock counts something, and a device wakes the scheduler.</summary>
    [KernelTest("boot.there_is_a_clock_and_a_clock_event")]
    public static void ThereIsAClock()
    {
        Check.True(Clock.Source != ClockSource.None, "the clock counts");
        Check.True(ClockEvent.LongestDelay > 0, "events can be armed");
        bool mayDeadline = CpuId.HasTscDeadline && Clock.Source == ClockSource.Tsc && !KernelOptions.Has("lapic") && !KernelOptions.Has("noapictimer");
        if (!mayDeadline)
        {
            Check.True(ClockEvent.Device != ClockEventDevice.TscDeadline, "TSC-deadline mode is used only where it is trusted");
        }
    }
}
