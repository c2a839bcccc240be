using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;

namespace CosmosKernel.Drivers.Serial;

/// <summary>The eight registers of a UART: a class of its own, so that tests can put a device there. Any context but NMI; nothing allocates or throws.</summary>
[NoAllocation]
public abstract class UartRegisters
{
    /// <summary>Reads a register, 0 to 7.</summary>
    public abstract byte Read(int register);

    /// <summary>Writes a register, 0 to 7.</summary>
    public abstract void Write(int register, byte value);
}

/// <summary>Registers behind I/O ports.</summary>
/// <param name="ports"><see cref="Uart.PortCount"/> ports.</param>
internal sealed class PortRegisters(PortRange ports) : UartRegisters
{
    /// <inheritdoc/>
    [NoAllocation]
    public override byte Read(int register) => ports.Read8(register);

    /// <inheritdoc/>
    [NoAllocation]
    public override void Write(int register, byte value) => ports.Write8(register, value);
}
