using CosmosKernel.Machine.Devices;

namespace CosmosKernel.Modules.Devices;

/// <summary>
/// The configuration space of one PCI function (PCI Local Bus 3.0, section 6.1): 256 bytes, or 4096 where the machine maps it in memory (PCI Express). What lies beyond the end, and all of it once the
/// device is gone, reads as all ones and ignores writes. Any context but NMI.
/// </summary>
public abstract class PciConfigurationSpace
{
    /// <summary>Bytes that the machine can reach.</summary>
    public abstract int Length { get; }

    /// <summary>Reads 32 bits at <paramref name="offset"/>, a multiple of 4.</summary>
    public abstract uint Read32(int offset);

    /// <summary>Writes a byte.</summary>
    public abstract void Write8(int offset, byte value);

    /// <summary>Writes 16 bits at <paramref name="offset"/>, a multiple of 2.</summary>
    public abstract void Write16(int offset, ushort value);

    /// <summary>Writes 32 bits at <paramref name="offset"/>, a multiple of 4.</summary>
    public abstract void Write32(int offset, uint value);

    /// <summary>Reads a byte.</summary>
    public byte Read8(int offset) => (byte)(Read32(offset & ~3) >> (8 * (offset & 3)));

    /// <summary>Reads 16 bits at <paramref name="offset"/>, a multiple of 2.</summary>
    public ushort Read16(int offset) => (ushort)(Read32(offset & ~3) >> (8 * (offset & 2)));
}

/// <summary>That of a function of this machine.</summary>
internal sealed class HardwareConfiguration(PciAddress address) : PciConfigurationSpace
{
    private const int ConventionalLength = 256;
    private const int ExtendedLength = 4096;

    /// <inheritdoc/>
    public override int Length => PciConfiguration.IsMapped(address) ? ExtendedLength : ConventionalLength;

    /// <inheritdoc/>
    public override uint Read32(int offset) => PciConfiguration.Read32(address, offset);

    /// <inheritdoc/>
    public override void Write8(int offset, byte value) => PciConfiguration.Write8(address, offset, value);

    /// <inheritdoc/>
    public override void Write16(int offset, ushort value) => PciConfiguration.Write16(address, offset, value);

    /// <inheritdoc/>
    public override void Write32(int offset, uint value) => PciConfiguration.Write32(address, offset, value);
}
