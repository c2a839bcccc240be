using CosmosKernel.Modules;

namespace CosmosKernel.Drivers.Framebuffer;

/// <summary>The registers in I/O ports.</summary>
/// <param name="ports">The index port, and the data port behind it.</param>
internal sealed class PortDispiRegisters(PortRange ports) : DispiRegisters
{
    /// <summary>The index port.</summary>
    public const ushort FirstPort = 0x1CE;

    /// <summary>Ports: two of 16 bits that overlap by 8.</summary>
    public const int PortCount = 3;

    /// <inheritdoc/>
    public override ushort Read(ushort index)
    {
        ports.Write16(0, index);
        return ports.Read16(1);
    }

    /// <inheritdoc/>
    public override void Write(ushort index, ushort value)
    {
        ports.Write16(0, index);
        ports.Write16(1, value);
    }
}
