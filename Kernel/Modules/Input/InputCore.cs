using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Modules.Input;

/// <summary>Who reports input, and who wants it: connects each device with each handler. All members: task context.</summary>
public static class InputCore
{
    // Handlers are called with it held, so it comes before all that they take.
    private static readonly Mutex s_lock = new("input devices");

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static InputDevice[] s_devices = [];

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static InputHandler[] s_handlers = [];

    [GuardedBy(nameof(s_lock))]
    private static int s_next;

    /// <summary>The devices, oldest first.</summary>
    public static ReadOnlySpan<InputDevice> Devices => Volatile.Read(ref s_devices);

    /// <summary>The handlers, oldest first.</summary>
    public static ReadOnlySpan<InputHandler> Handlers => Volatile.Read(ref s_handlers);

    /// <summary>Adds a device, which may report from then on.</summary>
    /// <param name="device">The device; its capabilities are set, and stay.</param>
    /// <returns>Whose disposal takes it away; keys that are down are released first.</returns>
    /// <exception cref="InvalidOperationException">It has been added already.</exception>
    [MightSleep]
    public static IDisposable AddDevice(InputDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        using (s_lock.Enter())
        {
            if (device.Number >= 0)
            {
                throw new InvalidOperationException($"the input device '{device.Name}' has been added already");
            }

            device.Open(s_next++);
            Volatile.Write(ref s_devices, [.. s_devices, device]);
            try
            {
                foreach (InputHandler handler in s_handlers)
                {
                    device.Connect(handler);
                }
            }
            catch
            {
                // Nobody would own it.
                Volatile.Write(ref s_devices, Array.FindAll(s_devices, other => other != device));
                device.Close();
                throw;
            }
        }

        return new DeviceRegistration(device);
    }

    /// <summary>Adds a handler, and connects it with all devices that it wants, now and later.</summary>
    /// <param name="handler">The handler.</param>
    /// <returns>Whose disposal disconnects it from all.</returns>
    [MightSleep]
    public static IDisposable AddHandler(InputHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        using (s_lock.Enter())
        {
            Volatile.Write(ref s_handlers, [.. s_handlers, handler]);
            try
            {
                foreach (InputDevice device in s_devices)
                {
                    device.Connect(handler);
                }
            }
            catch
            {
                Volatile.Write(ref s_handlers, Array.FindAll(s_handlers, other => other != handler));
                foreach (InputDevice device in s_devices)
                {
                    device.Disconnect(handler);
                }

                throw;
            }
        }

        return new HandlerRegistration(handler);
    }

    [MightSleep]
    private static void Remove(InputDevice device)
    {
        using (s_lock.Enter())
        {
            if (Array.IndexOf(s_devices, device) >= 0)
            {
                device.Close();
                Volatile.Write(ref s_devices, Array.FindAll(s_devices, other => other != device));
            }
        }
    }

    [MightSleep]
    private static void Remove(InputHandler handler)
    {
        using (s_lock.Enter())
        {
            foreach (InputDevice device in s_devices)
            {
                device.Disconnect(handler);
            }

            Volatile.Write(ref s_handlers, Array.FindAll(s_handlers, other => other != handler));
        }
    }

    private sealed class DeviceRegistration(InputDevice device) : IDisposable
    {
        public void Dispose() => Remove(device);
    }

    private sealed class HandlerRegistration(InputHandler handler) : IDisposable
    {
        public void Dispose() => Remove(handler);
    }
}
