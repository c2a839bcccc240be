using System;
using System.Collections.Generic;
using System.Text;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Consoles;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.DriverTests;

/// <summary>What a module gets of the machine is checked.</summary>
public static class ResourceTests
{
    private const ulong VgaMemory = 0xA0000;
    private const int Bytes = 4096;

    /// <summary>Access outside a region throws, before and after the mapping is taken away.</summary>
    [KernelTest("driver.device_memory_is_bounds_checked")]
    public static void DeviceMemoryIsBoundsChecked()
    {
        MmioRegion region = DriverTestModule.Context.MapDeviceMemory(VgaMemory, Bytes, DeviceCaching.Uncached);
        Check.Equal(Bytes, region.Length);
        _ = region.Read32(Bytes - 4);
        foreach (long offset in (ReadOnlySpan<long>)[-1, Bytes - 3, Bytes, long.MaxValue, long.MinValue])
        {
            Check.Throws<ArgumentOutOfRangeException>(() => region.Read32(offset));
            Check.Throws<ArgumentOutOfRangeException>(() => region.Write32(offset, 0));
        }

        Check.Throws<ArgumentOutOfRangeException>(() => region.Fill(8, Bytes - 7, (byte)0));
        Check.Throws<ArgumentOutOfRangeException>(() => region.Fill(0, -1, (byte)0));
        Check.Throws<ArgumentOutOfRangeException>(() => region.Read(Bytes - 8, new uint[3]));
        region.Dispose();
        Check.Throws<ArgumentOutOfRangeException>(() => region.Read8(0));
        region.Dispose();
    }

    /// <summary>RAM is not handed out as device memory.</summary>
    [KernelTest("driver.device_memory_is_no_ram")]
    public static void DeviceMemoryIsNoRam()
    {
        for (int i = 0; i < FirmwareMemoryMap.Count; i++)
        {
            MemoryRange range = FirmwareMemoryMap.Get(i);
            if (range.Kind == MemoryKind.Usable)
            {
                Check.Throws<InvalidOperationException>(() => DriverTestModule.Context.MapDeviceMemory(range.End - 1, 2, DeviceCaching.Uncached));
            }
        }
    }

    /// <summary>A port belongs to one owner, and an owner stays inside of its range.</summary>
    [KernelTest("driver.ports_have_one_owner")]
    public static void PortsHaveOneOwner()
    {
        using (PortRange range = DriverTestModule.Context.ClaimPorts(0x8F0, 4))
        {
            _ = range.Read8(3);
            Check.Throws<ArgumentOutOfRangeException>(() => range.Read8(4));
            Check.Throws<ArgumentOutOfRangeException>(() => range.Read16(3));
            Check.Throws<ArgumentOutOfRangeException>(() => range.Write8(-1, 0));
            string message = Check.Throws<InvalidOperationException>(() => DriverTestModule.Context.ClaimPorts(0x8F3, 2)).Message;
            Check.True(message.Contains("driver_tests", StringComparison.Ordinal), message);
        }

        DriverTestModule.Context.ClaimPorts(0x8F3, 2).Dispose();
    }

    /// <summary>While an output stands in for another one, every text goes to exactly one of the two.</summary>
    [KernelTest("driver.replaced_console_comes_back")]
    public static void ReplacedConsoleComesBack()
    {
        var first = new Recorder("recorder");
        var second = new Recorder("stand-in");
        using (DriverTestModule.Context.AddConsoleOutput(first))
        {
            KernelConsole.WriteLine("[before]");
            using (DriverTestModule.Context.ReplaceConsoleOutput(second, first.Name))
            {
                KernelConsole.WriteLine("[between]");
            }

            KernelConsole.WriteLine("[after]");
        }

        KernelConsole.WriteLine("[outside]");
        Check.Equal("[before]\n[after]\n", first.Text);
        Check.Equal("[between]\n", second.Text);
    }

    private sealed class Recorder(string name) : ConsoleOutput
    {
        [TaskPrivate]
        private readonly List<byte> _bytes = [];

        public override string Name => name;

        public string Text => Encoding.UTF8.GetString([.. _bytes]);

        public override void Write(ReadOnlySpan<byte> text) => _bytes.AddRange(text);
    }
}
