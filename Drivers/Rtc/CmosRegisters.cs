using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.Rtc;

/// <summary>The registers of the clock chip, and the time to wait in: a class of its own, so that tests can put a chip there that misbehaves. Any context but NMI; nothing allocates or throws.</summary>
[NoAllocation]
public abstract class CmosRegisters
{
    /// <summary>Reads a register.</summary>
    /// <param name="index">0 to 127.</param>
    public abstract byte Read(byte index);

    /// <summary>Writes a register.</summary>
    /// <param name="index">0 to 127.</param>
    /// <param name="value">Its new value.</param>
    public abstract void Write(byte index, byte value);

    /// <summary>Waits busily.</summary>
    /// <param name="nanoseconds">At least so long.</param>
    public abstract void Pause(ulong nanoseconds);
}
