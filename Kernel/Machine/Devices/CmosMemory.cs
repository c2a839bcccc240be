using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.Devices;

/// <summary>
/// The registers of a PC's clock chip and the memory that its battery keeps. An index and a data port belong together, so everybody comes here. Any context but NMI; allocates and throws nothing.
/// </summary>
public static class CmosMemory
{
    /// <summary>The index port; the data port is the next.</summary>
    public const ushort IndexPort = 0x70;

    // Bit 7 of the index port would mask NMI; it stays 0.
    private const byte IndexMask = 0x7F;

    private static IrqSpinLock s_lock = new(LockClass.CmosClock);

    /// <summary>Reads a register.</summary>
    /// <param name="index">0 to 127; higher bits are ignored.</param>
    [NoAllocation]
    public static byte Read(byte index)
    {
        using (s_lock.Enter())
        {
            Ports.Out8(IndexPort, (byte)(index & IndexMask));
            return Ports.In8(IndexPort + 1);
        }
    }

    /// <summary>Writes a register.</summary>
    /// <param name="index">0 to 127; higher bits are ignored.</param>
    /// <param name="value">Its new value.</param>
    [NoAllocation]
    public static void Write(byte index, byte value)
    {
        using (s_lock.Enter())
        {
            Ports.Out8(IndexPort, (byte)(index & IndexMask));
            Ports.Out8(IndexPort + 1, value);
        }
    }
}
