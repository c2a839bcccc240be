using System;
using System.Text;

namespace CosmosKernel.Tools.Loadable.Objects;

/// <summary>64-bit FNV-1a (Fowler, Noll, Vo), the hash of names in the kernel's exports.</summary>
internal static class Fnv
{
    /// <summary>The hash of nothing.</summary>
    public const ulong Start = 0xCBF29CE484222325;

    private const ulong Factor = 0x100000001B3;

    /// <summary>Goes on with more bytes.</summary>
    public static ulong Add(ulong hash, ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            hash = (hash ^ b) * Factor;
        }

        return hash;
    }

    /// <summary>Goes on with a number.</summary>
    public static ulong Add(ulong hash, long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return Add(hash, bytes);
    }

    /// <summary>The hash of a name in UTF-8.</summary>
    public static ulong Of(string name) => Add(Start, Encoding.UTF8.GetBytes(name));
}
