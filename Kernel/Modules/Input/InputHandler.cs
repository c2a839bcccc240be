using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Input;

/// <summary>
/// Somebody who wants the events of input devices: the console, /dev/input/eventN, /dev/input/mice, a Cosmos kernel's mouse. The input core connects it with each device that it wants, whichever of the
/// two comes first.
/// </summary>
public abstract class InputHandler
{
    /// <summary>Name, as /proc/bus/input/devices and /proc/bus/input/handlers show it.</summary>
    public abstract string Name { get; }

    /// <summary>Makes the connection with a device, which has not reported anything yet. Task context, one call at a time.</summary>
    /// <param name="device">The device.</param>
    /// <returns>Who takes its events; null when the handler does not want the device.</returns>
    [MightSleep]
    public abstract InputHandle? Connect(InputDevice device);

    /// <summary>A device goes, or the handler does: <see cref="InputHandle.Receive"/> has returned for the last time. Task context, one call at a time.</summary>
    /// <param name="handle">What <see cref="Connect"/> gave.</param>
    [MightSleep]
    public virtual void Disconnect(InputHandle handle)
    {
    }

    /// <summary>What /proc/bus/input/devices calls the connection, such as <c>event0</c>. Any context.</summary>
    /// <param name="handle">What <see cref="Connect"/> gave.</param>
    public virtual string NameOf(InputHandle handle) => Name;
}
