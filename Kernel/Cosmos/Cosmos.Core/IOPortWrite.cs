using CosmosKernel.Machine.Locking;

namespace Cosmos.Core;

/// <summary>A port that is written.</summary>
public class IOPortWrite : IOPortBase
{
    /// <inheritdoc cref="IOPortBase(ushort)"/>
    public IOPortWrite(ushort aPort)
        : base(aPort)
    {
    }

    /// <inheritdoc cref="IOPortBase(ushort, ushort)"/>
    public IOPortWrite(ushort aBase, ushort aOffset)
        : base(aBase, aOffset)
    {
    }

    /// <summary>Writes a byte.</summary>
    [MightSleep]
    public byte Byte
    {
        set => IOPort.Write8(Port, value);
    }

    /// <summary>Writes 16 bits.</summary>
    [MightSleep]
    public ushort Word
    {
        set => IOPort.Write16(Port, value);
    }

    /// <summary>Writes 32 bits.</summary>
    [MightSleep]
    public uint DWord
    {
        set => IOPort.Write32(Port, value);
    }
}
