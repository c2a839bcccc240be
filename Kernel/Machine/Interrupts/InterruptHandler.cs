namespace CosmosKernel.Machine.Interrupts;

/// <summary>
/// Serves a device's interrupt. A class and not an interface or a delegate: the call needs no dispatch cache. <see cref="Handle"/> runs in
/// hard-interrupt context: interrupts off, on the interrupt stack; it must not allocate, throw, sleep or take a lock that is ever held with interrupts on.
/// </summary>
public abstract class InterruptHandler
{
    internal InterruptHandler? Next;

    /// <summary>Shown by the console's <c>irq</c> command.</summary>
    public abstract string Name { get; }

    /// <summary>Interrupts that this handler said were its own.</summary>
    public ulong Count { get; internal set; }

    /// <summary>Serves the device.</summary>
    /// <returns>True when the device had asked for it: lines are shared.</returns>
    public abstract bool Handle();
}
