using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Input;

namespace Cosmos.HAL.Input;

/// <summary>All keyboards as one.</summary>
internal sealed class SystemKeyboard : KeyboardBase
{
    private const int LastPlainCode = 88;

    /// <summary>Scan codes of set 1 of the extended keys, for event codes from 96 on; 0 where there is none.</summary>
    private static ReadOnlySpan<byte> ExtendedScanCodes =>
    [
        0x1C, 0x1D, 0x35, 0x37, 0x38, 0, 0x47, 0x48, 0x49, 0x4B, 0x4D, 0x4F, 0x50, 0x51, 0x52, 0x53, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x5B, 0x5C, 0x5D,
    ];

    /// <summary>Called for each key before <see cref="KeyboardBase.OnKeyPressed"/>: scan code, whether it is an extended key, whether it was released.</summary>
    [Atomic]
    public volatile Action<byte, bool, bool>? KeyChanged;

    /// <inheritdoc/>
    [MightSleep]
    public override void Initialize() => InputService.Start();

    /// <inheritdoc/>
    [MightSleep]
    public override void UpdateLeds() => LightsChanged?.Invoke();

    /// <summary>Sets the lights of all keyboards.</summary>
    [MightSleep]
    public void SetLeds(bool numLock, bool capsLock, bool scrollLock)
    {
        foreach (HardwareHandle handle in InputService.Handles)
        {
            if (handle.IsExclusive)
            {
                handle.Device.Send(new InputEvent(InputEventType.Light, EventCodes.LightNumLock, numLock ? 1 : 0));
                handle.Device.Send(new InputEvent(InputEventType.Light, EventCodes.LightCapsLock, capsLock ? 1 : 0));
                handle.Device.Send(new InputEvent(InputEventType.Light, EventCodes.LightScrollLock, scrollLock ? 1 : 0));
            }
        }
    }

    /// <summary>Called when the lights are to be set: who keeps the locks does it.</summary>
    [Atomic]
    public volatile Action? LightsChanged;

    /// <summary>Takes a key's event. The serving task.</summary>
    /// <param name="code">Event code.</param>
    /// <param name="value">0 released, 1 pressed, 2 held down.</param>
    public void Take(ushort code, int value)
    {
        int extended = code - 96;
        byte scanCode = code is > 0 and <= LastPlainCode ? (byte)code : extended >= 0 && extended < ExtendedScanCodes.Length ? ExtendedScanCodes[extended] : (byte)0;
        if (scanCode == 0)
        {
            return;
        }

        KeyChanged?.Invoke(scanCode, extended >= 0, value == 0);
        OnKeyPressed?.Invoke(scanCode, value == 0);
    }
}
