using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Modules;
using CosmosKernel.Machine.Acpi;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;

namespace CosmosKernel.Drivers.Rtc;

/// <summary>The battery-backed clock: /dev/rtc0.</summary>
[Module("rtc", Description = "CMOS clock (MC146818)", License = "MIT", Author = "CosmosKernel")]
public sealed class RtcModule : KernelModule
{
    private const int Interrupt = 8;
    private const uint Major = 250;

    /// <inheritdoc/>
    [MightSleep]
    public override void Start(ModuleContext context)
    {
        if (!FixedHardware.MayHaveCmosClock)
        {
            context.Log.Info("the firmware says that there is no CMOS clock");
            return;
        }

        context.ClaimPorts(CmosMemory.IndexPort, 2);
        var device = new RtcDevice(new MachineCmos(), FixedHardware.Exists ? FixedHardware.CenturyIndex : (byte)0);
        if (!device.Start())
        {
            context.Log.Info("no CMOS clock, or one that holds no time");
            return;
        }

        // Owned before the interrupt, so that it is cancelled once more when the interrupt, which queues it, comes no more.
        context.AddWork(device.EndOfAlarm);
        context.AddIsaInterrupt(Interrupt, device.Interrupt);
        context.Own(new Operation(device));
        context.AddCharacterDevice(new DeviceNodeOptions { Name = "rtc0", Mode = 0x180, Major = Major, Class = "rtc" }, new Driver(device));
        RtcReport.Add(context, device);
        if (device.Read(out RtcTime time) == Errno.Ok)
        {
            context.Log.Info($"rtc0, {time.Year:D4}-{time.Month:D2}-{time.Day:D2} {time.Hour:D2}:{time.Minute:D2}:{time.Second:D2} UTC");
        }
    }

    private sealed class Operation(RtcDevice device) : IDisposable
    {
        public void Dispose() => device.Stop();
    }

    private sealed class Driver(RtcDevice device) : CharacterDeviceDriver
    {
        [MightSleep]
        public override Errno Open(uint minor, OpenFlags flags, out DeviceFile? file)
        {
            file = device.TryOpen() ? new RtcFile(device) : null;
            return file is null ? Errno.EBUSY : Errno.Ok;
        }
    }
}
