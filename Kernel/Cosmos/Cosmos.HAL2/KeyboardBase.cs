using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Consoles;
using CosmosKernel.Tasks.Scheduling;

namespace Cosmos.HAL;

/// <summary>A keyboard. All that are connected are one. Task context.</summary>
public abstract class KeyboardBase : Device
{
    /// <summary>Called for each key that is pressed, held down or released, by the task that serves the keyboard.</summary>
    [Atomic]
    public volatile KeyPressedEventHandler? OnKeyPressed;

    /// <summary>Takes a key.</summary>
    /// <param name="ScanCode">Scan code of set 1, without the prefix of extended keys.</param>
    /// <param name="Released">Whether it was released.</param>
    public delegate void KeyPressedEventHandler(byte ScanCode, bool Released);

    /// <summary>Waits until something was typed, here or on a serial console. The calling task sleeps and others run.</summary>
    [MightSleep]
    public static void WaitForKey() => KernelConsole.Input.WaitForData(Scheduler.Never);

    /// <summary>Makes the keyboard report.</summary>
    [MightSleep]
    public abstract void Initialize();

    /// <summary>Sets the lights as the locks are.</summary>
    [MightSleep]
    public abstract void UpdateLeds();
}
