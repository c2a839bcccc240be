namespace CosmosKernel.Machine.Interrupts;

/// <summary>An input of the I/O APICs and how it is wired.</summary>
public readonly struct InterruptLine(uint globalInterrupt, bool activeLow, bool levelTriggered)
{
    /// <summary>The global system interrupt number, which counts the pins of all I/O APICs.</summary>
    public readonly uint GlobalInterrupt = globalInterrupt;

    /// <summary>The line is active when low.</summary>
    public readonly bool IsActiveLow = activeLow;

    /// <summary>The line interrupts as long as it is active, not when it becomes active.</summary>
    public readonly bool IsLevelTriggered = levelTriggered;
}
