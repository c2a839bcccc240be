using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.Framebuffer;

/// <summary>The indexed registers of the Bochs display interface: a class of its own, so that tests can put a device there that misbehaves. Task context.</summary>
[Owned]
public abstract class DispiRegisters
{
    /// <summary>Reads a register.</summary>
    public abstract ushort Read(ushort index);

    /// <summary>Writes a register.</summary>
    public abstract void Write(ushort index, ushort value);
}
