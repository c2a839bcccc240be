using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Input;

namespace CosmosKernel.Drivers.Speaker;

/// <summary>The PC speaker.</summary>
[Module("pcspkr", Description = "PC speaker", License = "MIT", Author = "CosmosKernel")]
public sealed class SpeakerModule : KernelModule
{
    /// <inheritdoc/>
    [MightSleep]
    public override void Start(ModuleContext context)
    {
        var device = new SpeakerDevice(context.ClaimPorts(SpeakerDevice.TimerPort, 2), context.ClaimPorts(SpeakerDevice.ControlPort, 1));
        context.Own(new Silence(device));
        context.AddInputDevice(device);
    }

    // After the device was removed: nobody makes tones any more.
    private sealed class Silence(SpeakerDevice device) : IDisposable
    {
        public void Dispose() => device.Sound(0);
    }
}
