using System;
using System.Text;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Devices;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.DeviceTests;

/// <summary>PCI devices: found, claimed, used, and quiet afterwards.</summary>
public static class PciTests
{
    private const int CommandOffset = 4;
    private const int BusMaster = 4;
    private const int InterruptDisable = 1 << 10;

    /// <summary>The host bridge of a PC is at 00:00.0, and every device's registers are multiples of their sizes.</summary>
    [KernelTest("device.pci_devices_are_found_with_their_registers")]
    public static void DevicesAreFound()
    {
        Check.True(PciBus.Devices.Count > 0);
        Check.Equal("0000:00:00.0", PciBus.Devices[0].Name);
        Check.Equal(0x0600, PciBus.Devices[0].Class >> 8);
        foreach (PciDeviceInfo info in PciBus.Devices)
        {
            Check.True(info.Problem is null, $"{info}: {info.Problem}");
            foreach (PciBar bar in info.Bars)
            {
                Check.True(bar.Length > 0 && (bar.Address & (bar.Length - 1)) == 0, bar.ToString());
            }
        }
    }

    /// <summary>One owner has a device; the next one is told who.</summary>
    [KernelTest("device.a_pci_device_has_one_owner")]
    public static void OneOwner()
    {
        PciDeviceInfo info = DeviceTestModule.FindEdu();
        using (PciDevice device = DeviceTestModule.Context.ClaimPciDevice(info))
        {
            Check.Equal("device_tests", info.Driver);
            string message = Check.Throws<InvalidOperationException>(() => DeviceTestModule.Context.ClaimPciDevice(info)).Message;
            Check.True(message.Contains("device_tests", StringComparison.Ordinal), message);
            Check.Equal(0, info.ReadConfig(CommandOffset) & BusMaster);
        }

        Check.True(info.Driver is null);
        DeviceTestModule.Context.ClaimPciDevice(info).Dispose();
    }

    /// <summary>What is not there is refused with the device's name, and a mapping ends where the register ends.</summary>
    [KernelTest("device.registers_are_bounds_checked")]
    public static void RegistersAreBoundsChecked()
    {
        PciDeviceInfo info = DeviceTestModule.FindEdu();
        using PciDevice device = DeviceTestModule.Context.ClaimPciDevice(info);
        MmioRegion region = device.MapBar(0);
        Check.Equal(1 << 20, region.Length);
        Check.Equal((uint)0xED, region.Read32(0) & 0xFF);
        Check.Throws<ArgumentOutOfRangeException>(() => region.Read32(1 << 20));
        foreach (Action bad in (Action[])[() => device.MapBar(1), () => device.MapBar(7), () => device.ClaimBarPorts(0), () => device.MapBar(0, 1 << 20, 4), () => device.MapBar(0, -1, 4)])
        {
            string message = Check.Throws<InvalidOperationException>(bad).Message;
            Check.True(message.Contains(info.Name, StringComparison.Ordinal), message);
        }
    }

    /// <summary>By message and by line, the device's interrupt arrives, on whichever CPU it is sent to.</summary>
    [KernelTest("device.interrupts_arrive_by_message_and_by_line")]
    public static void InterruptsArrive()
    {
        PciDeviceInfo info = DeviceTestModule.FindEdu();
        foreach (PciInterruptModes mode in (PciInterruptModes[])[PciInterruptModes.Msi, PciInterruptModes.Line, PciInterruptModes.All])
        {
            using PciDevice device = DeviceTestModule.Context.ClaimPciDevice(info);
            var edu = new EduDevice(device, mode);
            Check.Equal(mode == PciInterruptModes.All ? PciInterruptModes.Msi : mode, edu.Interrupts.Mode);
            Check.Equal(~0x12345678u, edu.Invert(0x12345678));
            Check.Equal(3628800u, edu.ComputeFactorial(10));
            for (int cpu = 0; cpu < Cpu.Count; cpu++)
            {
                Check.True(edu.Interrupts.TrySetCpu(0, cpu));
                edu.Raise(1u << cpu);
            }

            Check.True(!edu.Interrupts.TrySetCpu(0, Cpu.Count));
            Check.Equal((ulong)Cpu.Count + 1, edu.Handler.Count);
            for (int cpu = 0; cpu < Cpu.Count; cpu++)
            {
                // The factorial's came where devices interrupt at first.
                Check.Equal(cpu == 0 ? 2ul : 1ul, edu.Handler.CountOn(cpu));
            }
        }
    }

    /// <summary>The device reads and writes a DMA buffer that lies where it can reach it.</summary>
    [KernelTest("device.dma_goes_through_the_device_and_back")]
    public static void Dma()
    {
        using PciDevice device = DeviceTestModule.Context.ClaimPciDevice(DeviceTestModule.FindEdu());
        var edu = new EduDevice(device, PciInterruptModes.All);
        Check.True(edu.Buffer.PhysicalAddress + (ulong)edu.Buffer.Length <= 1 << 28);
        byte[] text = Encoding.ASCII.GetBytes("through the device and back");
        text.CopyTo(edu.Buffer.Span(16, text.Length));
        edu.CopyThroughDevice(16, 2048, text.Length);
        Check.SequenceEqual<byte>(text, edu.Buffer.Span(2048, text.Length));
        Check.Equal((byte)0, edu.Buffer.Read8(2048 + text.Length));
        DmaBuffer buffer = edu.Buffer;
        Check.Throws<ArgumentOutOfRangeException>(() => buffer.Read32(buffer.Length - 3));
        Check.Throws<ArgumentOutOfRangeException>(() => buffer.Span(-1, 2).Clear());
        device.Dispose();
        Check.Throws<ArgumentOutOfRangeException>(() => buffer.Read8(0));
    }

    /// <summary>DMA memory stays DMA memory: claiming and releasing in a loop uses it again.</summary>
    [KernelTest("device.released_devices_are_quiet_and_leak_nothing")]
    public static void ReleasedDevicesAreQuiet()
    {
        PciDeviceInfo info = DeviceTestModule.FindEdu();
        ulong frames = 0;
        for (int i = 0; i < 40; i++)
        {
            using PciDevice device = DeviceTestModule.Context.ClaimPciDevice(info);
            var edu = new EduDevice(device, (i & 1) == 0 ? PciInterruptModes.Msi : PciInterruptModes.Line);
            edu.Raise(1);
            int vector = edu.Handler.Vector;
            device.Dispose();
            Check.Equal(0, edu.Handler.Vector);
            int command = info.ReadConfig(CommandOffset) | (info.ReadConfig(CommandOffset + 1) << 8);
            Check.Equal(InterruptDisable, command & (BusMaster | InterruptDisable));
            for (InterruptHandler? left = DeviceInterrupts.First(vector); left is not null; left = DeviceInterrupts.Next(left))
            {
                Check.True(!ReferenceEquals(left, edu.Handler), "the handler is still there");
            }

            Check.True(i == 0 || DmaMemory.Frames == frames, $"{DmaMemory.Frames} frames of DMA memory after {i} rounds, {frames} before");
            frames = DmaMemory.Frames;
        }
    }

    /// <summary>A driver gets the devices that it matches, also one that fails at first, and gives them back when it goes.</summary>
    [KernelTest("device.drivers_are_probed_and_removed")]
    public static void DriversAreProbed()
    {
        PciDeviceInfo info = DeviceTestModule.FindEdu();
        var failing = new Driver("edu-fails", fails: true);
        var first = new Driver("edu-first", fails: false);
        var second = new Driver("edu-second", fails: false);
        using IDisposable a = DeviceTestModule.Context.AddPciDriver(failing);
        Check.Equal(1, failing.Probes);
        Check.True(info.Driver is null);
        using (DeviceTestModule.Context.AddPciDriver(first))
        {
            Check.Equal("edu-first", info.Driver);
            using IDisposable c = DeviceTestModule.Context.AddPciDriver(second);
            Check.Equal(0, second.Probes);
            Check.Throws<InvalidOperationException>(() => DeviceTestModule.Context.AddPciDriver(new Driver("edu-first", fails: false)));
        }

        Check.Equal(1, first.Removals);
        Check.True(info.Driver is null);
    }

    private sealed class Driver(string name, bool fails) : PciDriver(name, new PciMatch(EduDevice.Vendor, EduDevice.Device))
    {
        [TaskPrivate]
        public int Probes { get; private set; }

        [TaskPrivate]
        public int Removals { get; private set; }

        public override bool Probe(PciDevice device)
        {
            Probes++;
            device.MapBar(0);
            return fails ? throw new NotSupportedException("this driver always fails") : true;
        }

        public override void Remove(PciDevice device) => Removals++;
    }
}
