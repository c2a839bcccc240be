using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Input;
using CosmosKernel.Tasks.Waiting;

namespace Cosmos.HAL.Input;

/// <summary>Connects a Cosmos kernel with all keyboards and mice.</summary>
internal sealed class HardwareHandler(WaitQueue wake) : InputHandler
{
    private readonly object _lock = new();

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private HardwareHandle[] _handles = [];

    /// <inheritdoc/>
    public override string Name => "cosmos";

    /// <summary>All connections.</summary>
    public ReadOnlySpan<HardwareHandle> Handles => Volatile.Read(ref _handles);

    /// <inheritdoc/>
    [MightSleep]
    public override InputHandle? Connect(InputDevice device)
    {
        bool isKeyboard = device.Allows(InputEventType.Key, EventCodes.KeyEnter) && device.Allows(InputEventType.Key, EventCodes.KeyA);
        bool isMouse = device.Allows(InputEventType.Relative, EventCodes.RelativeX) && device.Allows(InputEventType.Key, EventCodes.ButtonLeft);
        if (!isKeyboard && !isMouse)
        {
            return null;
        }

        var handle = new HardwareHandle(device, wake) { IsExclusive = isKeyboard };
        lock (_lock)
        {
            Volatile.Write(ref _handles, [.. _handles, handle]);
        }

        // The serving task grabs it once it is connected.
        wake.WakeAll();
        return handle;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Disconnect(InputHandle handle)
    {
        lock (_lock)
        {
            Volatile.Write(ref _handles, Array.FindAll(_handles, other => other != handle));
        }
    }
}
