using System.Collections.Generic;
using System.Linq;
using System.Threading;
using CosmosKernel.Runtime.Heap;
using Xunit;

namespace CosmosKernel.Heap.Tests;

public sealed unsafe class AllocationTests : HeapFixture
{
    [Fact]
    public void ObjectsOfEverySizeAreZeroedAlignedAndDisjoint()
    {
        ObjectType* bytes = FakeTypes.PlainArray(1);
        var taken = new SortedDictionary<nuint, nuint>();
        uint[] lengths = [.. Enumerable.Range(0, 600).Select(i => (uint)i), 1000, 4000, 16000, 16360, 16361, 40000, 1 << 20, (1 << 20) + 1, 5_000_000];
        foreach (uint length in lengths)
        {
            for (int copy = 0; copy < 3; copy++)
            {
                nuint reference = HeapPlatform.AllocateLikeFastPath(bytes, length);
                HeapPlatform.PreciseRoots.Add(reference);
                Assert.Equal(0u, reference % 8);
                Assert.Equal((nuint)bytes, *(nuint*)reference);
                Assert.Equal(length, *(uint*)(reference + 8));
                Assert.Equal(0ul, *(ulong*)(reference - 8));
                for (uint i = 0; i < length; i++)
                {
                    if (((byte*)reference)[16 + i] != 0)
                    {
                        Assert.Fail($"byte {i} of an array of {length} is not zero");
                    }
                }

                new System.Span<byte>((byte*)reference + 12, (int)length + 4).Fill(0xEE);
                taken.Add(reference - 8, bytes->SizeOf(length));
            }
        }

        nuint end = 0;
        foreach ((nuint start, nuint size) in taken)
        {
            Assert.True(start >= end, "two objects overlap");
            end = start + size;
        }
    }

    [Fact]
    public void MemoryOfADeadObjectIsUsedAgainAndCleared()
    {
        ObjectType* type = FakeTypes.Plain(48);
        for (int round = 0; round < 50; round++)
        {
            for (int i = 0; i < 20_000; i++)
            {
                nuint reference = HeapPlatform.AllocateLikeFastPath(type, 0);
                for (int word = 1; word < 5; word++)
                {
                    Assert.Equal(0u, ((nuint*)reference)[word]);
                    ((nuint*)reference)[word] = nuint.MaxValue;
                }
            }
        }

        Assert.True(HeapTotals.Committed < 16 << 20, $"{HeapTotals.Committed} bytes are committed for garbage");
        Assert.True(PauseRecord.Count > 2, "no collection happened by itself");
    }

    [Fact]
    public void AnEmptyHeapGivesAllItsBlocksBack()
    {
        ObjectType* type = FakeTypes.PlainArray(1);
        foreach (uint length in new uint[] { 8, 100, 480, 900, 5000, 16000, 100_000, 3_000_000 })
        {
            for (int i = 0; i < 40; i++)
            {
                HeapPlatform.AllocateLikeFastPath(type, length);
            }
        }

        CollectAndVerify();
        Assert.Equal(0, HeapTotals.Committed);
        Assert.Equal(0, CollectionPolicy.LiveBytes);
    }

    [Fact]
    public void CommittedMemoryStaysLevelUnderAStormOfMixedSizes()
    {
        ObjectType* bytes = FakeTypes.PlainArray(1);
        var random = new System.Random(7);
        long early = 0;
        long late = 0;
        for (int i = 0; i < 600_000; i++)
        {
            uint length = (uint)(random.Next(100) == 0 ? random.Next(60_000) : random.Next(300));
            nuint reference = HeapPlatform.AllocateLikeFastPath(bytes, length);
            if (HeapPlatform.PreciseRoots.Count < 2000)
            {
                HeapPlatform.PreciseRoots.Add(reference);
            }
            else
            {
                HeapPlatform.PreciseRoots[random.Next(2000)] = reference;
            }

            if (i % 20_000 == 19_999)
            {
                CollectAndVerify();
                long committed = HeapTotals.Committed;
                early = i < 200_000 ? System.Math.Max(early, committed) : early;
                late = i >= 400_000 ? System.Math.Max(late, committed) : late;
            }
        }

        Assert.True(late <= early * 1.05, $"{early} bytes at first, {late} in the end");
    }

    [Fact]
    public void ExhaustionGivesNullAndEverythingWorksAgainAfterwards()
    {
        ObjectType* bytes = FakeTypes.PlainArray(1);
        HeapFrames.Limit = 8 << 20;
        nuint reference;
        while ((reference = HeapPlatform.AllocateLikeFastPath(bytes, 4000)) != 0)
        {
            HeapPlatform.PreciseRoots.Add(reference);
        }

        Assert.True(HeapPlatform.PreciseRoots.Count > 1000);
        Assert.Equal(0u, ManagedHeap.Allocate(bytes, 500_000, 0));
        Assert.Equal(0u, ManagedHeap.Allocate(bytes, 2_000_000, 0));
        HeapPlatform.PreciseRoots.Clear();
        Assert.NotEqual(0u, ManagedHeap.Allocate(bytes, 4_000_000, 0));
        CollectAndVerify();
        Assert.Equal(0, HeapTotals.Committed);
    }

    [Fact]
    public void AThrowingThreadGetsMemoryFromTheReserveWhenNobodyElseDoes()
    {
        ObjectType* small = FakeTypes.Plain(64);
        HeapFrames.Limit = 6 << 20;
        nuint reference;
        while ((reference = HeapPlatform.AllocateLikeFastPath(small, 0)) != 0)
        {
            HeapPlatform.PreciseRoots.Add(reference);
        }

        Assert.Equal(0u, HeapPlatform.AllocateLikeFastPath(FakeTypes.Plain(72), 0));
        HeapPlatform.IsThrowing = true;
        Assert.NotEqual(0u, HeapPlatform.AllocateLikeFastPath(FakeTypes.Plain(72), 0));
        HeapPlatform.IsThrowing = false;
        Assert.Equal(0u, HeapPlatform.AllocateLikeFastPath(FakeTypes.Plain(80), 0));

        HeapPlatform.PreciseRoots.Clear();
        CollectAndVerify();
        Assert.Equal(16u * SizeClasses.FastBlockBytes, HeapReserve.Bytes);
    }

    [Fact]
    public void ASizeBeyondAllMemoryFailsWithoutACollection()
    {
        Assert.Equal(0u, ManagedHeap.Allocate(FakeTypes.PlainArray(8), 0x7FFF_FFFF, 0));
        Assert.Equal(0ul, PauseRecord.Count);
    }

    [Fact]
    public void ProcessorsThatAllocateAtOnceNeverGetTheSameCell()
    {
        const int Each = 20_000;
        ObjectType* type = FakeTypes.Plain(40);
        ObjectType* medium = FakeTypes.Plain(1000);
        HeapPlatform.CanCollect = false;
        nuint[][] taken = new nuint[4][];
        Thread[] threads = new Thread[4];
        for (int i = 0; i < threads.Length; i++)
        {
            int processor = i;
            nint small = (nint)type;
            nint large = (nint)medium;
            threads[i] = new Thread(() =>
            {
                HeapPlatform.Processor = processor;
                taken[processor] = new nuint[Each];
                for (int n = 0; n < Each; n++)
                {
                    taken[processor][n] = HeapPlatform.AllocateLikeFastPath((ObjectType*)(n % 10 == 0 ? large : small), 0);
                }
            });
            threads[i].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Assert.Equal(4 * Each, taken.SelectMany(t => t).Distinct().Count());
        Assert.DoesNotContain((nuint)0, taken.SelectMany(t => t));
        HeapPlatform.CanCollect = true;
        HeapPlatform.PreciseRoots.AddRange(taken.SelectMany(t => t));
        CollectAndVerify();
        Assert.Equal((nuint)(4 * Each), CollectionPolicy.LiveObjects);
    }
}
