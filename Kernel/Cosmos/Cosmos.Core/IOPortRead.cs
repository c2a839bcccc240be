using CosmosKernel.Machine.Locking;

namespace Cosmos.Core;

/// <summary>A port that is read.</summary>
public class IOPortRead : IOPortBase
{
    /// <inheritdoc cref="IOPortBase(ushort)"/>
    public IOPortRead(ushort aPort)
        : base(aPort)
    {
    }

    /// <inheritdoc cref="IOPortBase(ushort, ushort)"/>
    public IOPortRead(ushort aBase, ushort aOffset)
        : base(aBase, aOffset)
    {
    }

    /// <summary>Reads a byte.</summary>
    [MightSleep]
    public byte Byte => IOPort.Read8(Port);

    /// <summary>Reads 16 bits.</summary>
    [MightSleep]
    public ushort Word => IOPort.Read16(Port);

    /// <summary>Reads 32 bits.</summary>
    [MightSleep]
    public uint DWord => IOPort.Read32(Port);
}
