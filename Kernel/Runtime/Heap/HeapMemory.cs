using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CosmosKernel.Runtime.Heap;

/// <summary>Fills memory with plain stores: the heap depends on no library routine, and on no routine that may be replaced by a traced one.</summary>
internal static unsafe class HeapMemory
{
    /// <summary>Zeroes <paramref name="bytes"/>, a multiple of 8, at an address that is a multiple of 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Zero(byte* start, nuint bytes)
    {
        byte* end = start + bytes;
        byte* limit = end - 128;
        while (start <= limit)
        {
            Vector128<byte>.Zero.Store(start);
            Vector128<byte>.Zero.Store(start + 16);
            Vector128<byte>.Zero.Store(start + 32);
            Vector128<byte>.Zero.Store(start + 48);
            Vector128<byte>.Zero.Store(start + 64);
            Vector128<byte>.Zero.Store(start + 80);
            Vector128<byte>.Zero.Store(start + 96);
            Vector128<byte>.Zero.Store(start + 112);
            start += 128;
        }

        while (start < end)
        {
            *(ulong*)start = 0;
            start += 8;
        }
    }

    /// <summary>Fills <paramref name="bytes"/>, a multiple of 8, with a pattern.</summary>
    public static void Fill(byte* start, nuint bytes, ulong pattern)
    {
        for (nuint i = 0; i < bytes; i += 8)
        {
            *(ulong*)(start + i) = pattern;
        }
    }
}
