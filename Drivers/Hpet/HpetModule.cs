using System;
using System.Collections.Generic;
using CosmosKernel.Abi;
using CosmosKernel.Files;
using CosmosKernel.Files.Modules;
using CosmosKernel.Machine.Acpi;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;

namespace CosmosKernel.Drivers.Hpet;

/// <summary>The high precision event timers for programs: /dev/hpet gives each opening one, as long as there are any. The first timer is the kernel's own.</summary>
[Module("hpet", Description = "high precision event timers", License = "MIT", Author = "CosmosKernel")]
public sealed class HpetModule : KernelModule
{
    private const uint MiscMajor = 10;
    private const uint Minor = 228;
    private const int AddressOffset = 44;
    private const int FirstOfPrograms = 1;

    // Those of a PC's chipset beyond ISA, best first: the inputs that devices in the usual slots share come last.
    private static ReadOnlySpan<byte> Lines => [19, 18, 17, 16, 20, 21, 22, 23];

    /// <inheritdoc/>
    [MightSleep]
    public override void Start(ModuleContext context)
    {
        if (!FirmwareTables.TryFind("HPET", out ReadOnlySpan<byte> table))
        {
            context.Log.Info("there is no event timer");
            return;
        }

        ulong address = FirmwareTables.Read32(table, AddressOffset) | ((ulong)FirmwareTables.Read32(table, AddressOffset + 4) << 32);
        MmioRegion memory = context.MapDeviceMemory(address, HpetRegisters.Bytes, DeviceCaching.Uncached);
        var registers = new HpetRegisters(memory);
        if (registers.Frequency == 0 || !registers.IsRunning)
        {
            context.Log.Info("the event timer does not run");
            return;
        }

        List<HpetTimer> timers = [];
        for (int i = FirstOfPrograms; i < registers.TimerCount; i++)
        {
            var timer = new HpetTimer(registers, i, FindLine(registers, i));
            timers.Add(timer);
            if (timer.HasLine)
            {
                context.AddInterrupt(timer.Line, timer);
            }

            // Released before the handler: what is gone interrupts nobody.
            context.Own(new Silence(timer));
        }

        // For reading only, since files are opened so: whoever could write the registers could make the timers write anywhere.
        var mapped = new DeviceMemoryObject(memory);
        context.AddCharacterDevice(new DeviceNodeOptions { Name = "hpet", Mode = 0x180, Major = MiscMajor, FirstMinor = Minor }, new Driver([.. timers], mapped));
        context.Log.Info($"{timers.Count} timers of {registers.Frequency} Hz for programs, {timers.FindAll(timer => timer.HasLine).Count} with interrupts");
    }

    private static int FindLine(HpetRegisters registers, int timer)
    {
        uint possible = registers.LinesOf(timer);
        foreach (byte line in Lines)
        {
            if ((possible & (1u << line)) != 0)
            {
                return line;
            }
        }

        return HpetTimer.NoLine;
    }

    private sealed class Silence(HpetTimer timer) : IDisposable
    {
        public void Dispose() => timer.Stop();
    }

    private sealed class Driver(HpetTimer[] timers, MappedObject registers) : CharacterDeviceDriver
    {
        [MightSleep]
        public override Errno Open(uint minor, OpenFlags flags, out DeviceFile? file)
        {
            file = null;
            if ((flags & OpenFlags.AccessMode) != OpenFlags.ReadOnly)
            {
                return Errno.EINVAL;
            }

            foreach (HpetTimer timer in timers)
            {
                if (timer.TryOpen())
                {
                    file = new HpetFile(timer, registers);
                    return Errno.Ok;
                }
            }

            return Errno.EBUSY;
        }
    }
}
