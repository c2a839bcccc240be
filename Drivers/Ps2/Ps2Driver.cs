using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.Ps2;

/// <summary>Takes what a device at a port sends.</summary>
public abstract class Ps2Driver
{
    /// <summary>Takes a byte that is no answer to a command. In interrupt context, with the controller's lock held: may report input, must not send to the port.</summary>
    /// <param name="value">The byte.</param>
    /// <param name="isBroken">It came with an error: what it belongs to is worthless.</param>
    /// <param name="now">Monotonic time in nanoseconds.</param>
    [InterruptContext]
    public abstract void Receive(byte value, bool isBroken, ulong now);
}
