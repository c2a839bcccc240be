using System;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Heap;

/// <summary>
/// The sizes that cells come in. Up to 512 bytes there is a class for each multiple of 8, in blocks of 16 KiB, because these are handed out through the
/// processors' exact-size free lists. Above that, cells are the fractions of a 64 KiB block, 12 to 25 % apart. Above 16 KiB an object has its own frames.
/// </summary>
internal static unsafe class SizeClasses
{
    /// <summary>Largest size in bytes that the per-processor free lists serve.</summary>
    public const uint LargestFast = 512;

    /// <summary>Largest size in bytes that is a cell of a block.</summary>
    public const uint LargestCell = 16384;

    /// <summary>Bytes of a block of fast cells.</summary>
    public const uint FastBlockBytes = 16384;

    /// <summary>Bytes of a block of larger cells.</summary>
    public const uint MediumBlockBytes = 65536;

    /// <summary>Index of the first class above <see cref="LargestFast"/>; below it, the index is size / 8.</summary>
    public const int FirstMedium = 65;

    /// <summary>Number of classes, the unused ones below the smallest object included.</summary>
    public const int Count = FirstMedium + 31;

    private const int GranuleShift = 6;

    [Immutable]
    private static State s_state;

    private static ReadOnlySpan<byte> CellsPerMediumBlock =>
    [
        124, 113, 100, 90, 80, 72, 64, 56, 50, 45, 40, 36, 32, 28, 25, 22, 20, 18, 16, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4,
    ];

    /// <summary>Computes the tables; called once before the first allocation.</summary>
    [BeforePublication]
    public static void Initialize()
    {
        fixed (State* state = &s_state)
        fixed (byte* cells = CellsPerMediumBlock)
        {
            int count = Count - 1 - FirstMedium;
            for (int i = 0; i < count; i++)
            {
                // Multiples of 16, so that data inside an object keeps the same alignment in every cell.
                state->MediumSizes[i] = (MediumBlockBytes / cells[i]) & ~15u;
            }

            int next = 0;
            for (uint granule = 0; granule <= LargestCell >> GranuleShift; granule++)
            {
                while (state->MediumSizes[next] < granule << GranuleShift)
                {
                    next++;
                }

                state->ClassOfGranule[granule] = (byte)(FirstMedium + next);
            }
        }
    }

    /// <summary>The class for objects of <paramref name="size"/> bytes, a multiple of 8 that is at most <see cref="LargestCell"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ClassOf(nuint size)
    {
        if (size <= LargestFast)
        {
            return (int)(size >> 3);
        }

        return s_state.ClassOfGranule[(int)((size + (1 << GranuleShift) - 1) >> GranuleShift)];
    }

    /// <summary>Bytes of a cell of class <paramref name="index"/>.</summary>
    public static uint CellSize(int index)
    {
        if (index < FirstMedium)
        {
            return (uint)index << 3;
        }

        return s_state.MediumSizes[index - FirstMedium];
    }

    /// <summary>Bytes of a block of class <paramref name="index"/>.</summary>
    public static uint BlockBytes(int index) => index < FirstMedium ? FastBlockBytes : MediumBlockBytes;

    private struct State
    {
        public fixed uint MediumSizes[Count - FirstMedium];
        public fixed byte ClassOfGranule[(int)(LargestCell >> GranuleShift) + 1];
    }
}
