using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Input;

namespace CosmosKernel.Drivers.Mousedev;

/// <summary>One mouse: puts its events together to movements for all readers.</summary>
/// <param name="device">The mouse.</param>
/// <param name="readers">Who reads.</param>
internal sealed class MiceHandle(InputDevice device, MiceReaders readers) : InputHandle(device)
{
    private const int LeftButton = 0x110;

    // Linux's order: left, right, middle, then side and extra.
    private const int Buttons = 5;

    [Protocol("Touched with the device's lock held.")]
    private byte _buttons;

    /// <inheritdoc/>
    public override void Receive(ReadOnlySpan<InputEvent> events, ulong time)
    {
        int x = 0;
        int y = 0;
        int wheel = 0;
        byte buttons = _buttons;
        for (int i = 0; i < events.Length; i++)
        {
            InputEvent moved = events[i];
            switch (moved.Type)
            {
                case InputEventType.Relative when moved.Code == InputCodes.RelativeX:
                    x += moved.Value;
                    break;
                case InputEventType.Relative when moved.Code == InputCodes.RelativeY:
                    y -= moved.Value;
                    break;
                case InputEventType.Relative when moved.Code == InputCodes.Wheel:
                    wheel += moved.Value;
                    break;
                case InputEventType.Key when moved.Code is >= LeftButton and < LeftButton + Buttons && moved.Value != 2:
                    byte bit = (byte)(1 << (moved.Code - LeftButton));
                    buttons = (byte)(moved.Value != 0 ? buttons | bit : buttons & ~bit);
                    break;
            }
        }

        if ((x | y | wheel) != 0 || buttons != _buttons)
        {
            readers.Move(x, y, wheel, (byte)(_buttons & ~buttons), (byte)(buttons & ~_buttons));
            _buttons = buttons;
        }
    }
}
