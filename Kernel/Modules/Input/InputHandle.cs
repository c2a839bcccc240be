using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Input;

/// <summary>The connection of one device with one handler.</summary>
public abstract class InputHandle
{
    /// <summary>Connects to a device.</summary>
    /// <param name="device">The device.</param>
    protected InputHandle(InputDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        Device = device;
    }

    /// <summary>The device.</summary>
    public InputDevice Device { get; }

    /// <summary>Who made the handle; set before it receives anything.</summary>
    [Protocol("Written once, under the input core's lock, before the device has the handle.")]
    public InputHandler? Handler { get; internal set; }

    /// <summary>Somebody waits for the device's events in particular, and not only for what all devices do: a program that has its node open. Any context; outdated at once.</summary>
    public virtual bool HasListener => false;

    /// <summary>
    /// Takes a packet: events that belong together, the last of them SYN_REPORT (or without it, when the device reports more at once than fit into one packet: the rest follows). With the device's
    /// lock held and interrupts off: must not report to the device, nor send to it; no sleeping, no allocation, no exception.
    /// </summary>
    /// <param name="events">The events.</param>
    /// <param name="time">When the packet was complete: nanoseconds on the monotonic clock.</param>
    [InterruptContext]
    public abstract void Receive(ReadOnlySpan<InputEvent> events, ulong time);

    /// <summary>Makes this handle the only one that receives the device's events (EVIOCGRAB). Any context but NMI.</summary>
    /// <returns>False when another handle has them.</returns>
    [NoAllocation]
    public bool TryGrab() => Device.TryGrab(this);

    /// <summary>Ends <see cref="TryGrab"/>; without it nothing happens. Any context but NMI.</summary>
    [NoAllocation]
    public void Ungrab() => Device.Ungrab(this);
}
