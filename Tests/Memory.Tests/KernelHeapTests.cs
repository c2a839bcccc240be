using System;
using System.Collections.Generic;
using System.Text;
using System.Threading;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Memory.Slabs;
using Xunit;

namespace CosmosKernel.Memory.Tests;

public sealed unsafe class KernelHeapTests : MemoryFixture
{
    [Fact]
    public void EachSizeGetsTheSmallestClassThatHoldsIt()
    {
        for (nuint bytes = 0; bytes <= 2048; bytes++)
        {
            int index = KernelHeap.ClassOf(bytes);
            Assert.InRange(index, 0, 13);
            Assert.True((nuint)KernelHeap.SizeOfClass(index) >= bytes);
            Assert.True(index == 0 || (nuint)KernelHeap.SizeOfClass(index - 1) < bytes);
        }

        Assert.Equal(2048, KernelHeap.SizeOfClass(13));
    }

    [Theory]
    [InlineData(16, 1), InlineData(48, 1), InlineData(64, 1), InlineData(96, 1), InlineData(192, 1), InlineData(256, 1), InlineData(512, 2), InlineData(768, 2), InlineData(1024, 4), InlineData(1536, 4), InlineData(2048, 8)]
    public void ASlabWastesLittle(int size, int frames)
    {
        Start();
        SlabCache* cache = SlabCache.Create("test"u8, size);
        Assert.Equal(frames, cache->FramesPerSlab);
        int used = cache->ObjectsPerSlab * size;
        Assert.True(used >= frames * 4096 * 7 / 8, $"{used} of {frames * 4096} bytes are objects.");
        Assert.Equal("test", Encoding.UTF8.GetString(cache->Name));
    }

    [Fact]
    public void BlocksAreAlignedDistinctAndReturnAllMemory()
    {
        Start();
        SlabCache.ShrinkAll();
        foreach (nuint alignment in new nuint[] { 1, 16, 64, 256, 2048, 4096, 65536, 1 << 21 })
        {
            foreach (nuint bytes in new nuint[] { 0, 1, 17, 100, 2048, 2049, 5000, 100_000 })
            {
                void* first = KernelHeap.AllocateAligned(bytes, alignment);
                void* second = KernelHeap.AllocateAligned(bytes, alignment);
                Assert.True(first != null && second != null && first != second);
                Assert.Equal(0u, (nuint)first % alignment);
                Assert.Equal(0u, (nuint)second % alignment);
                Assert.Equal(0u, (nuint)first % KernelHeap.Alignment);
                Assert.True(KernelHeap.SizeOf(first) >= bytes);
                KernelHeap.Free(first);
                KernelHeap.Free(second);
            }
        }

        Assert.True(KernelHeap.AllocateAligned(10, 48) == null);
        KernelHeap.Free(null);
        CheckFrames();
    }

    [Fact]
    public void ManyObjectsGoBackToTheFrameAllocator()
    {
        Start();
        SlabCache* cache = SlabCache.Create("test"u8, 100);
        KernelHeap.Free(KernelHeap.Allocate(8));
        void* first = cache->Allocate();
        cache->Free(first);
        SlabCache.ShrinkAll();
        nuint free = FrameAllocator.FreeFrames;
        var items = new List<nuint>();
        for (int i = 0; i < 10_000; i++)
        {
            items.Add((nuint)cache->Allocate());
        }

        Assert.Equal(10_000u, cache->CountObjectsInUse());
        Assert.Equal(10_000, new HashSet<nuint>(items).Count);
        Assert.True(FrameAllocator.FreeFrames < free - 200);
        items.ForEach(item => cache->Free((void*)item));
        Assert.Equal(0u, cache->CountObjectsInUse());
        Assert.True(cache->Slabs.Empty <= 2);
        cache->Shrink();
        Assert.Equal((0u, 0u), cache->Slabs);
        Assert.Equal(free, FrameAllocator.FreeFrames);
    }

    [Theory]
    [InlineData(10, 20), InlineData(100, 3000), InlineData(3000, 100), InlineData(5000, 6_000_000), InlineData(6_000_000, 9_000_000), InlineData(6_000_000, 1000), InlineData(40, 48)]
    public void ReallocationKeepsTheContents(int from, int to)
    {
        Start();
        byte* block = (byte*)KernelHeap.Allocate((nuint)from);
        for (int i = 0; i < from; i++)
        {
            block[i] = (byte)(i * 31);
        }

        byte* moved = (byte*)KernelHeap.Reallocate(block, (nuint)to);
        for (int i = 0; i < Math.Min(from, to); i++)
        {
            if (moved[i] != (byte)(i * 31))
            {
                Assert.Fail($"Byte {i} is lost.");
            }
        }

        KernelHeap.Free(moved);
        CheckFrames();
    }

    [Fact]
    public void ClearedMemoryIsClearEvenAfterUse()
    {
        Start();
        foreach (int bytes in new[] { 5, 48, 2000, 10_000, 5_000_000 })
        {
            byte* block = (byte*)KernelHeap.Allocate((nuint)bytes);
            new Span<byte>(block, bytes).Fill(0xA5);
            KernelHeap.Free(block);
            block = (byte*)KernelHeap.AllocateCleared((nuint)bytes);
            Assert.True(new Span<byte>(block, bytes).IndexOfAnyExcept((byte)0) < 0);
            KernelHeap.Free(block);
        }
    }

    [Fact]
    public void ReallocationThatFailsLeavesTheBlockAsItWas()
    {
        Start(bytes: 16ul << 20);
        ulong* block = (ulong*)KernelHeap.Allocate(16);
        block[1] = 42;
        Assert.True(KernelHeap.Reallocate(block, 64 << 20) == null);
        Assert.Equal(42ul, block[1]);
        Assert.True(KernelHeap.Allocate(nuint.MaxValue) == null);
        Assert.True(KernelHeap.Allocate(nuint.MaxValue - 4096) == null);
        KernelHeap.Free(block);
        CheckFrames();
    }

    [Fact]
    public void WrongPointersPanic()
    {
        Start();
        byte* small = (byte*)KernelHeap.Allocate(100);
        byte* large = (byte*)KernelHeap.Allocate(10_000);
        Assert.Throws<PanicException>(() => KernelHeap.Free(small + 16));
        Assert.Throws<PanicException>(() => KernelHeap.Free(large + 4096));
        Assert.Throws<PanicException>(() => KernelHeap.Free(large + 16));
        Assert.Throws<PanicException>(() => KernelHeap.SizeOf(large + 16));
        Assert.Throws<PanicException>(() => KernelHeap.Free((void*)0x1234));
        SlabCache* cache = SlabCache.Create("other"u8, 100);
        Assert.Throws<PanicException>(() => cache->Free(small));
        KernelHeap.Free(large);
        Assert.Throws<PanicException>(() => KernelHeap.Free(large));
        KernelHeap.Free(small);
        KernelHeap.Free(small);
        Assert.Throws<PanicException>(SlabCache.ShrinkAll);
    }

    [Fact]
    public void NothingTouchesTheManagedHeap()
    {
        Start();
        nuint[] blocks = new nuint[200];
        Round(blocks);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Round(blocks);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        static void Round(nuint[] blocks)
        {
            for (int i = 0; i < blocks.Length; i++)
            {
                blocks[i] = (nuint)KernelHeap.Allocate((nuint)(i * 37));
            }

            foreach (nuint block in blocks)
            {
                KernelHeap.Free((void*)block);
            }
        }
    }

    [Fact]
    public void FourCpusThatTakeGiveAndPassOnBlocksNeverShareOne()
    {
        Start(cpus: 4);
        var passed = new System.Collections.Concurrent.ConcurrentQueue<(nuint Block, nuint Bytes, ulong Mark)>();
        int marks = 0;
        OnAllCpus((cpu, random) =>
        {
            var held = new List<(nuint Block, nuint Bytes, ulong Mark)>();
            for (int i = 0; i < 100_000; i++)
            {
                int choice = random.Next(100);
                if (choice < 45 && held.Count < 400)
                {
                    nuint bytes = choice == 0 ? (nuint)random.Next(8, 60_000) : (nuint)random.Next(8, 2100);
                    void* block = KernelHeap.Allocate(bytes);
                    if (block != null)
                    {
                        ulong mark = (uint)Interlocked.Increment(ref marks);
                        Mark(block, bytes, mark);
                        held.Add(((nuint)block, bytes, mark));
                    }
                }
                else if (choice < 55 && held.Count != 0)
                {
                    passed.Enqueue(held[^1]);
                    held.RemoveAt(held.Count - 1);
                }
                else if (choice < 65 && passed.TryDequeue(out (nuint Block, nuint Bytes, ulong Mark) other))
                {
                    Release(other);
                }
                else if (choice == 99)
                {
                    SlabCache.ShrinkAll();
                }
                else if (held.Count != 0)
                {
                    int index = random.Next(held.Count);
                    Release(held[index]);
                    held[index] = held[^1];
                    held.RemoveAt(held.Count - 1);
                }
            }

            held.ForEach(Release);
        });

        foreach ((nuint, nuint, ulong) block in passed)
        {
            Release(block);
        }

        Assert.True(marks > 50_000);
        SlabCache.ShrinkAll();
        for (SlabCache* cache = SlabCache.First; cache != null; cache = cache->Next)
        {
            // The virtual areas are one free range, which has a node.
            nuint expected = Encoding.UTF8.GetString(cache->Name) == "virtual area" ? 1u : 0u;
            Assert.Equal(expected, cache->CountObjectsInUse());
            Assert.Equal(expected, cache->Slabs.All);
        }

        CheckFrames();

        static void Release((nuint Block, nuint Bytes, ulong Mark) block)
        {
            CheckMark((void*)block.Block, block.Bytes, block.Mark);
            KernelHeap.Free((void*)block.Block);
        }
    }
}
