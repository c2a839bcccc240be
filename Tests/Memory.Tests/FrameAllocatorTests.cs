using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Memory.Frames;
using Xunit;

namespace CosmosKernel.Memory.Tests;

public sealed unsafe class FrameAllocatorTests : MemoryFixture
{
    [Fact]
    public void EachUnreservedFrameIsHandedOutExactlyOnceAndAllJoinAgain()
    {
        StartFrames(
            [Usable(0, 0x9F000), Usable(0x10_0000, 0x230_0000), Usable(0x280_1000, 0x2FF_F000)],
            [new() { Start = 0, End = 0x10_0000 }, new() { Start = 0x20_0000, End = 0x34_5000 }, new() { Start = 0x22F_0000, End = 0x281_0000 }],
            0x20_0000);
        CheckFrames();
        string before = Describe();
        nuint managed = FrameAllocator.ManagedFrames;
        Assert.Equal((nuint)(((0x230_0000 - 0x10_0000) - 0x14_5000 - 0x1_0000 + (0x2FF_F000 - 0x281_0000)) / 4096), managed);

        var seen = new HashSet<ulong>();
        for (Frame* frame = FrameAllocator.Allocate(1, FrameUse.Kernel); frame != null; frame = FrameAllocator.Allocate(1, FrameUse.Kernel))
        {
            ulong physical = FrameTable.PhysicalOf(frame);
            Assert.True(seen.Add(physical));
            Assert.Contains(Machine.Map, range => range.Start <= physical && physical + 4096 <= range.End);
            Assert.DoesNotContain(Machine.Reserved, range => range.Start < physical + 4096 && physical < range.End);
            Assert.False(physical >= Machine.EarlyStart && physical < Machine.EarlyNext);
        }

        Assert.Equal(managed, (nuint)seen.Count);
        Assert.Equal(0u, FrameAllocator.FreeFrames);
        Assert.Equal(1u, FrameAllocator.Failures);
        foreach (ulong physical in seen.OrderBy(physical => physical * 2654435761 % 1000003))
        {
            FrameAllocator.Free(FrameTable.OfPhysical(physical));
        }

        Assert.Equal(managed, FrameAllocator.FreeFrames);
        CheckFrames();
        Assert.Equal(before, Describe());
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(5), InlineData(64), InlineData(100), InlineData(513), InlineData(1024)]
    public void ARunIsContiguousAlignedAndLeavesNoFrameBehind(int count)
    {
        Start();
        FrameAllocator.DrainCaches();
        nuint free = FrameAllocator.FreeFrames;
        Frame* run = FrameAllocator.Allocate((nuint)count, FrameUse.ManagedHeap);
        ulong power = System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)count);
        Assert.Equal(0ul, FrameTable.PhysicalOf(run) % (power * 4096));
        Assert.Equal((uint)count, run->Count);
        FrameAllocator.DrainCaches();
        Assert.Equal(free - (nuint)count, FrameAllocator.FreeFrames);
        CheckFrames();
        FrameAllocator.Free(run);
        Assert.Equal(free, FrameAllocator.FreeFrames);
        CheckFrames();
    }

    [Fact]
    public void RunsOfNoFramesOrMoreThanTheLargestBlockAreRefused()
    {
        Start();
        Assert.True(FrameAllocator.Allocate(0, FrameUse.Kernel) == null);
        Assert.True(FrameAllocator.Allocate(1025, FrameUse.Kernel) == null);
        Assert.True(FrameAllocator.Allocate(nuint.MaxValue, FrameUse.Kernel) == null);
    }

    [Fact]
    public void AZoneIsAnUpperLimitAndOrdinaryRequestsSpareTheLowZones()
    {
        StartFrames([Usable(0x10_0000, 0x8000_0000), Usable(0x1_0000_0000, 0x1_4000_0000)], [], 0x4000_0000);
        Assert.True(FrameTable.PhysicalOf(FrameAllocator.Allocate(1, FrameUse.Kernel)) >= 0x1_0000_0000);
        Assert.True(FrameTable.PhysicalOf(FrameAllocator.Allocate(16, FrameUse.Kernel)) >= 0x1_0000_0000);
        ulong below4 = FrameTable.PhysicalOf(FrameAllocator.Allocate(16, FrameUse.Kernel, FrameZone.Below4GiB));
        Assert.InRange(below4, 0x100_0000ul, 0xFFFF_FFFFul);
        Assert.True(FrameTable.PhysicalOf(FrameAllocator.Allocate(1, FrameUse.Kernel, FrameZone.Below16MiB)) < 0x100_0000);

        int low = 0;
        while (FrameAllocator.Allocate(256, FrameUse.Kernel, FrameZone.Below16MiB) != null)
        {
            low++;
        }

        Assert.InRange(low, 5, 14);
        CheckFrames();
    }

    [Fact]
    public void TheSlotsOfASparseMachineCostDescriptorsOnlyWhereMemoryIs()
    {
        const ulong gib = 1ul << 30;
        StartFrames([Usable(0x10_0000, 2 * gib), Usable(4 * gib, 34 * gib), Usable(50 * gib, 78 * gib)], [], 0x10_0000);
        Assert.Equal((nuint)(60 * gib / 128), FrameTable.DescriptorBytes);
        Assert.Equal(FrameTable.DescriptorBytes / 4096, (nuint)Machine.DescriptorPages.Count);
        Assert.True(FrameTable.HasDescriptor(33 * gib));
        Assert.False(FrameTable.HasDescriptor(3 * gib));
        Assert.False(FrameTable.HasDescriptor(34 * gib));
        Assert.False(FrameTable.HasDescriptor(1ul << 50));
        Assert.True(FrameTable.Find(Machine.DirectMapBase + (40 * gib)) == null);
        Assert.True(FrameTable.Find(Machine.DirectMapBase + (60 * gib) + 5) == FrameTable.OfPhysical(60 * gib));
        Assert.True(FrameTable.Find(12345) == null);
        Assert.Equal((nuint)((60 * gib - Machine.EarlyNext) / 4096), FrameAllocator.ManagedFrames);
        Assert.Equal(FrameAllocator.ManagedFrames, FrameAllocator.FreeFrames);
        Frame* run = FrameAllocator.Allocate(1024, FrameUse.Kernel);
        Assert.True(FrameTable.PhysicalOf(run) >= 4 * gib);
        FrameAllocator.Free(run);
    }

    [Fact]
    public void ReservedMemoryCanBeGivenLater()
    {
        StartFrames([Usable(0x10_0000, 0x200_0000)], [new() { Start = 0x150_0000, End = 0x190_0000 }], 0x10_0000);
        nuint before = FrameAllocator.FreeFrames;
        FrameAllocator.AddReserved(0x150_0001, 0x18F_FFFF);
        Assert.Equal(before + (0x40_0000 / 4096) - 2, FrameAllocator.FreeFrames);
        FrameAllocator.AddReserved(0x150_0000, 0x150_1000);
        FrameAllocator.AddReserved(0x18F_F000, 0x190_0000);
        Assert.Equal(before + (0x40_0000 / 4096), FrameAllocator.FreeFrames);
        CheckFrames();
        Assert.Throws<PanicException>(() => FrameAllocator.AddReserved(1ul << 40, (1ul << 40) + 4096));
    }

    [Fact]
    public void ADoubleReleaseAndTheReleaseOfTheMiddleOfARunPanic()
    {
        Start();
        Frame* single = FrameAllocator.Allocate(1, FrameUse.Kernel);
        FrameAllocator.Free(single);
        Assert.Throws<PanicException>(() => FrameAllocator.Free(single));
        Frame* run = FrameAllocator.Allocate(8, FrameUse.Kernel);
        Assert.Throws<PanicException>(() => FrameAllocator.Free(run + 1));
        FrameAllocator.Free(run);
        Assert.Throws<PanicException>(() => FrameAllocator.Free(run));
    }

    [Fact]
    public void AReleasedRunForgetsItsOwners()
    {
        Start();
        Frame* run = FrameAllocator.Allocate(4, FrameUse.ManagedHeap);
        for (int i = 0; i < 4; i++)
        {
            run[i].Owner = 77;
            run[i].Use = FrameUse.ManagedHeap;
        }

        FrameAllocator.Free(run);
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(0u, run[i].Owner);
            Assert.NotEqual(FrameUse.ManagedHeap, run[i].Use);
        }
    }

    [Fact]
    public void BeforeAnAllocationFailsTheOtherCpusStocksAndEmptySlabsAreUsed()
    {
        Start(cpus: 2);
        HostMachine.CpuIndex = 1;
        var frames = new List<nuint>();
        for (int i = 0; i < 100; i++)
        {
            frames.Add((nuint)FrameAllocator.Allocate(1, FrameUse.Kernel));
        }

        void*[] objects = new void*[500];
        for (int i = 0; i < objects.Length; i++)
        {
            objects[i] = Slabs.KernelHeap.Allocate(2048);
        }

        frames.ForEach(frame => FrameAllocator.Free((Frame*)frame));
        foreach (void* item in objects)
        {
            Slabs.KernelHeap.Free(item);
        }

        HostMachine.CpuIndex = 0;
        Assert.True(FrameAllocator.CachedFrames > 20);
        nuint free = FrameAllocator.FreeFrames;
        nuint taken = 0;
        while (FrameAllocator.Allocate(1, FrameUse.Kernel) != null)
        {
            taken++;
        }

        // More than what was free: the slabs that were kept although empty were given back too.
        Assert.True(taken > free, $"{taken} frames were found, {free} were free.");
        Assert.Equal(0u, FrameAllocator.FreeFrames);
    }

    [Fact]
    public void PageTablesComeClearedFromTheAllocator()
    {
        Start();
        ulong physical = Machine_FrameSource();
        Assert.NotEqual(0ul, physical);
        var words = new Span<ulong>(CosmosKernel.Machine.Paging.DirectMap.ToVirtual(physical), 512);
        Assert.True(words.IndexOfAnyExcept(0ul) < 0);
        Assert.Equal(FrameUse.PageTable, FrameTable.OfPhysical(physical)->Use);

        static ulong Machine_FrameSource() => CosmosKernel.Machine.Paging.PageTables.FrameSource();
    }

    [Fact]
    public void AllocationAndReleaseDoNotTouchTheManagedHeap()
    {
        Start();
        FrameAllocator.Free(FrameAllocator.Allocate(1, FrameUse.Kernel));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            FrameAllocator.Free(FrameAllocator.Allocate((nuint)((i % 40) + 1), FrameUse.Kernel));
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void FourCpusThatTakeAndGiveRunsAtRandomNeverGetTheSameFrame()
    {
        Start(cpus: 4);
        nuint free = FrameAllocator.FreeFrames;
        int marks = 0;
        OnAllCpus((cpu, random) =>
        {
            var held = new List<(nuint Frame, ulong Mark)>();
            for (int i = 0; i < 60_000; i++)
            {
                if (held.Count != 0 && (random.Next(2) == 0 || held.Count > 100))
                {
                    int index = random.Next(held.Count);
                    (nuint address, ulong mark) = held[index];
                    held[index] = held[^1];
                    held.RemoveAt(held.Count - 1);
                    var frame = (Frame*)address;
                    CheckMark(FrameTable.AddressOf(frame), frame->Count * 4096, mark);
                    FrameAllocator.Free(frame);
                }
                else
                {
                    nuint count = random.Next(3) == 0 ? (nuint)random.Next(1, 200) : 1;
                    Frame* frame = FrameAllocator.Allocate(count, FrameUse.Kernel, (FrameZone)random.Next(3));
                    if (frame != null)
                    {
                        ulong mark = ((ulong)cpu << 32) | (uint)Interlocked.Increment(ref marks);
                        Mark(FrameTable.AddressOf(frame), count * 4096, mark);
                        held.Add(((nuint)frame, mark));
                    }
                }
            }

            foreach ((nuint address, ulong mark) in held)
            {
                var frame = (Frame*)address;
                CheckMark(FrameTable.AddressOf(frame), frame->Count * 4096, mark);
                FrameAllocator.Free(frame);
            }
        });
        Assert.True(marks > 10_000);
        Assert.Equal(free, FrameAllocator.FreeFrames);
        CheckFrames();
    }

    private static string Describe() => string.Join(
        ' ',
        from zone in Enumerable.Range(0, FrameAllocator.ZoneCount)
        from order in Enumerable.Range(0, BuddyZone.Orders)
        select FrameAllocator.FreeBlocks((FrameZone)zone, order));
}
