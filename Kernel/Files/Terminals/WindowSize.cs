using System;
using System.Buffers.Binary;

namespace CosmosKernel.Files.Terminals;

/// <summary>The size of a terminal's window (struct winsize); zeros when nobody has said it.</summary>
/// <param name="Rows">Lines.</param>
/// <param name="Columns">Characters a line.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
public readonly record struct WindowSize(ushort Rows, ushort Columns, ushort Width = 0, ushort Height = 0)
{
    /// <summary>Bytes of the structure.</summary>
    public const int Size = 8;

    /// <summary>Reads the structure.</summary>
    public static WindowSize Parse(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadUInt16LittleEndian(from), BinaryPrimitives.ReadUInt16LittleEndian(from[2..]),
        BinaryPrimitives.ReadUInt16LittleEndian(from[4..]), BinaryPrimitives.ReadUInt16LittleEndian(from[6..]));

    /// <summary>Writes the structure.</summary>
    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(to, Rows);
        BinaryPrimitives.WriteUInt16LittleEndian(to[2..], Columns);
        BinaryPrimitives.WriteUInt16LittleEndian(to[4..], Width);
        BinaryPrimitives.WriteUInt16LittleEndian(to[6..], Height);
    }
}
