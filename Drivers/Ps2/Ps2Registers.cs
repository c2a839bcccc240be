using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.Ps2;

/// <summary>The two ports of a PS/2 controller, and the time: a class of its own, so that tests can put a controller there that misbehaves. Any context but NMI; nothing allocates or throws.</summary>
[NoAllocation]
public abstract class Ps2Registers
{
    /// <summary>Monotonic time in nanoseconds.</summary>
    public abstract ulong Now { get; }

    /// <summary>Reads port 0x64.</summary>
    public abstract byte ReadStatus();

    /// <summary>Reads port 0x60.</summary>
    public abstract byte ReadData();

    /// <summary>Writes port 0x64.</summary>
    public abstract void WriteCommand(byte value);

    /// <summary>Writes port 0x60.</summary>
    public abstract void WriteData(byte value);

    /// <summary>Waits busily.</summary>
    /// <param name="nanoseconds">At least so long.</param>
    public abstract void Pause(ulong nanoseconds);
}
