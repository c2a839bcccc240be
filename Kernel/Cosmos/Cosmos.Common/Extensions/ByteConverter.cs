using System;
using System.Buffers.Binary;

namespace Cosmos.Common.Extensions;

/// <summary>Little-endian numbers in arrays of bytes.</summary>
public static class ByteConverter
{
    /// <summary>Writes 16 bits.</summary>
    public static void SetUInt16(this byte[] n, ulong aPos, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(n.AsSpan(checked((int)aPos)), value);

    /// <summary>Writes 32 bits.</summary>
    public static void SetUInt32(this byte[] n, ulong aPos, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(n.AsSpan(checked((int)aPos)), value);

    /// <summary>Writes 64 bits.</summary>
    public static void SetUInt64(this byte[] n, ulong aPos, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(n.AsSpan(checked((int)aPos)), value);
}
