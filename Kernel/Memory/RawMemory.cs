using System.Runtime.Intrinsics;

namespace CosmosKernel.Memory;

/// <summary>
/// Fills and copies memory with plain stores. The library's routines are not used here: they need the runtime, which needs this memory first.
/// </summary>
internal static unsafe class RawMemory
{
    /// <summary>Fills with zero. The start is a multiple of 16; the size is rounded up to a multiple of 16.</summary>
    public static void Clear(void* start, nuint bytes)
    {
        byte* at = (byte*)start;
        byte* end = at + ((bytes + 15) & ~(nuint)15);
        for (; end - at >= 64; at += 64)
        {
            Vector128<byte>.Zero.StoreAligned(at);
            Vector128<byte>.Zero.StoreAligned(at + 16);
            Vector128<byte>.Zero.StoreAligned(at + 32);
            Vector128<byte>.Zero.StoreAligned(at + 48);
        }

        for (; at < end; at += 16)
        {
            Vector128<byte>.Zero.StoreAligned(at);
        }
    }

    /// <summary>Copies between blocks that do not overlap. Both start at multiples of 16; the size is rounded up to a multiple of 16.</summary>
    public static void Copy(void* from, void* to, nuint bytes)
    {
        for (nuint offset = 0; offset < bytes; offset += 16)
        {
            Vector128.LoadAligned((byte*)from + offset).StoreAligned((byte*)to + offset);
        }
    }
}
