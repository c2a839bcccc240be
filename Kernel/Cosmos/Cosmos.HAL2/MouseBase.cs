using CosmosKernel.Machine.Locking;

namespace Cosmos.HAL;

/// <summary>A mouse. All that are connected are one. Task context.</summary>
public abstract class MouseBase : Device
{
    /// <summary>Called for each movement and each button, by the task that serves the mouse.</summary>
    [Atomic]
    public volatile MouseChangedEventHandler? OnMouseChanged;

    /// <summary>Takes what the mouse reports.</summary>
    /// <param name="aDeltaX">Movement to the right.</param>
    /// <param name="aDeltaY">Movement down.</param>
    /// <param name="aMouseState">Buttons that are down: 1 left, 2 right, 4 middle, 8 and 16 those at the side.</param>
    /// <param name="aScrollWheel">Steps of the wheel, towards the user above zero.</param>
    public delegate void MouseChangedEventHandler(int aDeltaX, int aDeltaY, int aMouseState, int aScrollWheel);

    /// <summary>Makes the mouse report.</summary>
    [MightSleep]
    public abstract void Initialize();
}
