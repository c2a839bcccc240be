using System;
using System.Buffers.Binary;
using CosmosKernel.Runtime.Services;

namespace CosmosKernel.Processes.Memory;

/// <summary>Random numbers for layouts.</summary>
internal static class RandomBits
{
    /// <summary>64 random bits, not all zero. Task context.</summary>
    public static ulong Next()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        Fill(bytes);
        ulong random = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        return random == 0 ? 1 : random;
    }

    /// <summary>Fills a buffer. Task context.</summary>
    public static void Fill(Span<byte> bytes) => RandomSource.Fill(bytes);
}
