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

    /// <summary>Fills with zero what is not zero already. The start and the size are multiples of 128.</summary>
    /// <returns>False when all of it was zero: then nothing was written.</returns>
    public static bool ClearIfUsed(void* start, nuint bytes)
    {
        byte* end = (byte*)start + bytes;
        for (byte* at = (byte*)start; at < end; at += 128)
        {
            Vector128<byte> any = Vector128.LoadAligned(at) | Vector128.LoadAligned(at + 16) | Vector128.LoadAligned(at + 32) | Vector128.LoadAligned(at + 48)
                | Vector128.LoadAligned(at + 64) | Vector128.LoadAligned(at + 80) | Vector128.LoadAligned(at + 96) | Vector128.LoadAligned(at + 112);
            if (any != Vector128<byte>.Zero)
            {
                Clear(at, (nuint)(end - at));
                return true;
            }
        }

        return false;
    }

    /// <summary>Copies between blocks that do not overlap. Both start at multiples of 16; the size is rounded up to a multiple of 16.</summary>
    public static void Copy(void* from, void* to, nuint bytes)
    {
        for (nuint offset = 0; offset < bytes; offset += 16)
        {
            Vector128.LoadAligned((byte*)from + offset).StoreAligned((byte*)to + offset);
        }
    }

    /// <summary>Copies one page, 4096 bytes, to another.</summary>
    public static void CopyPage(byte* from, byte* to)
    {
        for (int offset = 0; offset < 4096; offset += 64)
        {
            Vector128.LoadAligned(from + offset).StoreAligned(to + offset);
            Vector128.LoadAligned(from + offset + 16).StoreAligned(to + offset + 16);
            Vector128.LoadAligned(from + offset + 32).StoreAligned(to + offset + 32);
            Vector128.LoadAligned(from + offset + 48).StoreAligned(to + offset + 48);
        }
    }
}
