using CosmosKernel.Runtime.Heap;
using Xunit;

namespace CosmosKernel.Heap.Tests;

public sealed class SizeClassTests : HeapFixture
{
    [Fact]
    public void EverySizeUpToTheLargestFastOneHasItsOwnClass()
    {
        for (uint size = 24; size <= SizeClasses.LargestFast; size += 8)
        {
            Assert.Equal(size, SizeClasses.CellSize(SizeClasses.ClassOf(size)));
        }
    }

    [Fact]
    public void LargerCellsHoldTheirObjectsAndWasteAtMostAThird()
    {
        for (uint size = SizeClasses.LargestFast + 8; size <= SizeClasses.LargestCell; size += 8)
        {
            uint cell = SizeClasses.CellSize(SizeClasses.ClassOf(size));
            Assert.InRange(cell, size, size + (size / 3));
            Assert.True(SizeClasses.ClassOf(size) >= SizeClasses.FirstMedium);
            Assert.True(SizeClasses.ClassOf(size) < SizeClasses.Count);
        }
    }

    [Fact]
    public unsafe void TheReciprocalGivesTheCellOfEveryByteOfABlock()
    {
        for (int index = 3; index < SizeClasses.Count - 1; index++)
        {
            uint cell = SizeClasses.CellSize(index);
            if (cell == 0)
            {
                continue;
            }

            HeapBlock block = default;
            block.Start = (byte*)0x10000;
            block.CellSize = cell;
            block.Reciprocal = (uint)(((1UL << 32) + cell - 1) / cell);
            for (uint offset = 0; offset < SizeClasses.BlockBytes(index); offset++)
            {
                Assert.Equal(offset / cell, block.CellIndex(0x10000 + offset));
            }
        }
    }
}
