using System.Runtime;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Machine.Cpus;

/// <summary>The x86 port space (Intel SDM vol. 1, chapter 19). May be called from any context. A port that no device decodes reads as all ones.</summary>
public static class Ports
{
    /// <summary>Reads a byte from a port.</summary>
    [RuntimeImport("PortIn8")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern byte In8(ushort port);

    /// <summary>Reads 16 bits from a port.</summary>
    [RuntimeImport("PortIn16")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ushort In16(ushort port);

    /// <summary>Reads 32 bits from a port.</summary>
    [RuntimeImport("PortIn32")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern uint In32(ushort port);

    /// <summary>Writes a byte to a port.</summary>
    [RuntimeImport("PortOut8")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Out8(ushort port, byte value);

    /// <summary>Writes 16 bits to a port.</summary>
    [RuntimeImport("PortOut16")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Out16(ushort port, ushort value);

    /// <summary>Writes 32 bits to a port.</summary>
    [RuntimeImport("PortOut32")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Out32(ushort port, uint value);
}
