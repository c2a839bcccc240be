using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Input;

namespace Cosmos.HAL.Input;

/// <summary>All mice as one.</summary>
internal sealed class SystemMouse : MouseBase
{
    private const string ServingTask = "Only the serving task touches it.";
    private const int Buttons = 5;

    [Protocol(ServingTask)]
    private int _x;

    [Protocol(ServingTask)]
    private int _y;

    [Protocol(ServingTask)]
    private int _wheel;

    [Protocol(ServingTask)]
    private int _buttons;

    [Protocol(ServingTask)]
    private bool _changed;

    /// <summary>Whether a mouse with a wheel is connected.</summary>
    public bool HasScrollWheel
    {
        get
        {
            foreach (HardwareHandle handle in InputService.Handles)
            {
                if (handle.Device.Allows(InputEventType.Relative, EventCodes.RelativeWheel))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Initialize() => InputService.Start();

    /// <summary>Takes an event. The serving task.</summary>
    public void Take(in InputEvent change)
    {
        switch (change.Type)
        {
            case InputEventType.Relative when change.Code == EventCodes.RelativeX:
                _x += change.Value;
                _changed = true;
                break;
            case InputEventType.Relative when change.Code == EventCodes.RelativeY:
                _y += change.Value;
                _changed = true;
                break;
            case InputEventType.Relative when change.Code == EventCodes.RelativeWheel:
                // Towards the user is above zero here, as PS/2 mice report it.
                _wheel -= change.Value;
                _changed = true;
                break;
            case InputEventType.Key when change.Code >= EventCodes.ButtonLeft && change.Code < EventCodes.ButtonLeft + Buttons:
                int button = 1 << (change.Code - EventCodes.ButtonLeft);
                _buttons = change.Value != 0 ? _buttons | button : _buttons & ~button;
                _changed = true;
                break;
            case InputEventType.Synchronization when _changed:
                OnMouseChanged?.Invoke(_x, _y, _buttons, _wheel);
                (_x, _y, _wheel, _changed) = (0, 0, 0, false);
                break;
        }
    }
}
