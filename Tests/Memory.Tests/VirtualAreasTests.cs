using System;
using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Memory.Frames;
using Xunit;

namespace CosmosKernel.Memory.Tests;

public sealed unsafe partial class VirtualAreasTests : MemoryFixture
{
    [Fact]
    public void AnAreaIsWritableAndHasUnmappedPagesOnBothSides()
    {
        Start();
        byte* area = (byte*)VirtualAreas.Allocate(10_000, VirtualAreaUse.Kernel);
        byte* next = (byte*)VirtualAreas.Allocate(4096, VirtualAreaUse.Kernel);
        new Span<byte>(area, 3 * 4096).Fill(0x5A);
        Assert.Equal((nuint)(3 * 4096), VirtualAreas.SizeOf(area));
        Assert.False(Machine.Mapped.ContainsKey((ulong)area - 4096));
        Assert.False(Machine.Mapped.ContainsKey((ulong)area + (3 * 4096)));
        Assert.True((ulong)next >= (ulong)area + (4 * 4096));
        Assert.True(VirtualAreas.TryFind((ulong)area - 1, out VirtualAreaInfo info));
        Assert.Equal((ulong)area, info.Start);
        Assert.Equal((ulong)area - 4096, info.GuardStart);
        Assert.Equal((ulong)area + (3 * 4096), info.End);
        Assert.Equal(VirtualAreaUse.Kernel, info.Use);
        Assert.True(VirtualAreas.TryFindNow((ulong)next, out _));
        VirtualAreas.Free(area);
        Assert.False(VirtualAreas.TryFind((ulong)area, out _));
        VirtualAreas.Free(next);
        CheckTree(0);
        CheckFrames();
    }

    [Theory]
    [InlineData(1 << 21, 4096), InlineData(1 << 21, 3 << 20), InlineData(4096, 4096), InlineData(1 << 16, 100)]
    public void AnAlignedAreaIsAligned(int alignment, int bytes)
    {
        Start();
        void* first = VirtualAreas.Allocate(4096, VirtualAreaUse.Kernel);
        void* area = VirtualAreas.Allocate((nuint)bytes, VirtualAreaUse.ManagedHeap, (nuint)alignment);
        Assert.Equal(0u, (nuint)area % (nuint)alignment);
        CheckTree(2);
        VirtualAreas.Free(first);
        VirtualAreas.Free(area);
        CheckTree(0);
    }

    [Fact]
    public void WhenMemoryOrMappingFailsNothingIsLost()
    {
        Start(bytes: 16ul << 20);
        VirtualAreas.Free(VirtualAreas.Allocate(4096, VirtualAreaUse.Kernel));
        Slabs.SlabCache.ShrinkAll();
        nuint free = FrameAllocator.FreeFrames;
        Assert.True(VirtualAreas.Allocate(32 << 20, VirtualAreaUse.Kernel) == null);
        Slabs.SlabCache.ShrinkAll();
        Assert.Equal(free, FrameAllocator.FreeFrames);
        Machine.MapsUntilFailure = 7;
        Assert.True(VirtualAreas.Allocate(16 * 4096, VirtualAreaUse.Kernel) == null);
        Machine.MapsUntilFailure = int.MaxValue;
        Slabs.SlabCache.ShrinkAll();
        Assert.Equal(free, FrameAllocator.FreeFrames);
        Assert.Empty(Machine.Mapped);
        Assert.True(VirtualAreas.Allocate(0, VirtualAreaUse.Kernel) == null);
        Assert.True(VirtualAreas.Allocate(nuint.MaxValue, VirtualAreaUse.Kernel) == null);
        Assert.True(VirtualAreas.Allocate((nuint)1 << 50, VirtualAreaUse.Kernel) == null);
        Assert.True(VirtualAreas.Allocate(4096, VirtualAreaUse.Kernel, 5000) == null);
        Assert.True(VirtualAreas.Allocate(4096, VirtualAreaUse.Kernel, 4096, 0) == null);
        CheckTree(0);
        CheckFrames();
    }

    [Fact]
    public void DeviceMemoryIsMappedWhereItIsAndItsFramesAreNotReleased()
    {
        Start();
        Frame* frame = FrameAllocator.Allocate(2, FrameUse.Kernel);
        ulong physical = FrameTable.PhysicalOf(frame);
        ulong* direct = (ulong*)FrameTable.AddressOf(frame);
        ulong* mapped = (ulong*)VirtualAreas.MapPhysical(physical + 0x10, 4096, PageRights.Read | PageRights.Write | PageRights.Uncached);
        Assert.Equal(0x10ul, (ulong)mapped & 0xFFF);
        mapped[511] = 99;
        Assert.Equal(99ul, direct[513]);
        Assert.Equal(2, Machine.Mapped.Count);
        VirtualAreas.Free(mapped);
        Assert.Empty(Machine.Mapped);
        Assert.Equal(2u, frame->Count);
        Assert.True(VirtualAreas.MapPhysical(physical, 0, PageRights.Read) == null);
        FrameAllocator.Free(frame);
        CheckTree(0);
    }

    [Fact]
    public void ReservedAddressesGetClearedMemoryOnlyWhereItIsAskedFor()
    {
        Start();
        void* used = Slabs.KernelHeap.Allocate(100_000);
        new Span<byte>(used, 100_000).Fill(0xEE);
        Slabs.KernelHeap.Free(used);
        byte* area = (byte*)VirtualAreas.ReserveAddresses(100 * 4096, VirtualAreaUse.Kernel);
        Assert.Empty(Machine.Mapped);
        Assert.True(VirtualAreas.TryCommit(area + (10 * 4096) + 5, 4096));
        Assert.Equal(2, Machine.Mapped.Count);
        area[10 * 4096] = 7;
        Assert.True(VirtualAreas.TryCommit(area + (9 * 4096), 30 * 4096));
        Assert.Equal(30, Machine.Mapped.Count);
        Assert.Equal(7, area[10 * 4096]);
        area[10 * 4096] = 0;
        Assert.True(new Span<byte>(area + (9 * 4096), 30 * 4096).IndexOfAnyExcept((byte)0) < 0);
        Assert.False(VirtualAreas.TryCommit(area + (99 * 4096), 8192));
        Assert.False(VirtualAreas.TryCommit(area - 1, 1));
        Assert.False(VirtualAreas.TryCommit(area, nuint.MaxValue));
        VirtualAreas.Free(area);
        Assert.Empty(Machine.Mapped);
        Assert.False(VirtualAreas.TryCommit(area, 4096));
        CheckTree(0);
        CheckFrames();
    }

    [Fact]
    public void WrongAddressesPanic()
    {
        Start();
        byte* area = (byte*)VirtualAreas.Allocate(3 * 4096, VirtualAreaUse.Kernel);
        Assert.Throws<PanicException>(() => VirtualAreas.Free(area + 4096));
        Assert.Throws<PanicException>(() => VirtualAreas.Free(area - 4096));
        Assert.Throws<PanicException>(() => VirtualAreas.SizeOf(area + 4096));
        Assert.Throws<PanicException>(() => VirtualAreas.Free(null));
        VirtualAreas.Free(area);
        Assert.Throws<PanicException>(() => VirtualAreas.Free(area));
    }

    [Fact]
    public void ReleasedStacksAreReusedCleared()
    {
        Start();
        byte* stack = (byte*)KernelStacks.Allocate(4 * 4096);
        new Span<byte>(stack, 4 * 4096).Fill(1);
        KernelStacks.Free(stack, 4 * 4096);
        Assert.Equal(1, KernelStacks.KeptNow);
        byte* larger = (byte*)KernelStacks.Allocate(6 * 4096);
        Assert.True(larger != stack);
        byte* again = (byte*)KernelStacks.Allocate(4 * 4096);
        Assert.True(again == stack);
        Assert.True(new Span<byte>(again, 4 * 4096).IndexOfAnyExcept((byte)0) < 0);
        KernelStacks.Free(again, 4 * 4096);
        KernelStacks.Free(larger, 6 * 4096);
        Assert.Equal(1, KernelStacks.KeptNow);

        var stacks = new List<nuint>();
        for (int i = 0; i < 40; i++)
        {
            stacks.Add((nuint)KernelStacks.Allocate(4 * 4096));
        }

        stacks.ForEach(item => KernelStacks.Free((void*)item, 4 * 4096));
        Assert.Equal(KernelStacks.Kept, KernelStacks.KeptNow);
        CheckTree(KernelStacks.Kept);
        KernelStacks.Trim();
        CheckTree(0);
        Assert.Empty(Machine.Mapped);
        CheckFrames();
    }

    [Fact]
    public void StacksOfOneSizeTakeNoPlaceFromThoseOfAnother()
    {
        Start();
        void*[] large = new void*[64];
        for (int i = 0; i < large.Length; i++)
        {
            large[i] = KernelStacks.Allocate(256 * 1024);
        }

        foreach (void* stack in large)
        {
            KernelStacks.Free(stack, 256 * 1024);
        }

        int kept = KernelStacks.KeptNow;
        Assert.InRange(kept, 1, KernelStacks.Kept);
        void* small = KernelStacks.Allocate(64 * 1024);
        KernelStacks.Free(small, 64 * 1024);
        Assert.Equal(kept + 1, KernelStacks.KeptNow);
        Assert.True(small == KernelStacks.Allocate(64 * 1024));
        Assert.Equal(kept, KernelStacks.KeptNow);
        KernelStacks.Free(small, 64 * 1024);

        // No usual size: mapped and unmapped each time.
        KernelStacks.Free(KernelStacks.Allocate(20 * 1024), 20 * 1024);
        Assert.Equal(kept + 1, KernelStacks.KeptNow);
        KernelStacks.Trim();
        Assert.Equal(0, KernelStacks.KeptNow);
        CheckTree(0);
        CheckFrames();
    }

    [Fact]
    public void RandomReservationsKeepTheTreesInvariantsAndTakeTheLowestGap()
    {
        Start();
        var random = new Random(99);
        var held = new List<(nuint Address, ulong Pages)>();
        for (int i = 0; i < 3000; i++)
        {
            if (held.Count != 0 && random.Next(100) < (i < 1500 ? 40 : 60))
            {
                int index = random.Next(held.Count);
                VirtualAreas.Free((void*)held[index].Address);
                held[index] = held[^1];
                held.RemoveAt(held.Count - 1);
            }
            else
            {
                ulong pages = (ulong)random.Next(1, 12);
                uint guard = (uint)random.Next(1, 4);
                ulong lowest = LowestGap(pages + guard);
                byte* area = (byte*)VirtualAreas.Allocate((nuint)(pages * 4096), VirtualAreaUse.Kernel, 4096, guard);
                Assert.Equal(lowest + guard, (ulong)area >> 12);
                held.Add(((nuint)area, pages));
            }

            if (i % 50 == 0)
            {
                CheckTree(held.Count);
            }
        }

        held.ForEach(item => VirtualAreas.Free((void*)item.Address));
        CheckTree(0);
        Assert.Equal(0u, VirtualAreas.UsedPages);
        CheckFrames();
    }

    [Fact]
    public void FourCpusThatMapAndUnmapNeverShareAPage()
    {
        Start(cpus: 4);
        int marks = 0;
        OnAllCpus((_, random) =>
        {
            var held = new Queue<(nuint Address, nuint Bytes, ulong Mark)>();
            for (int i = 0; i < 1500; i++)
            {
                if (held.Count > 20 || (held.Count != 0 && random.Next(2) == 0))
                {
                    Release(held.Dequeue());
                }
                else
                {
                    nuint bytes = (nuint)random.Next(1, 10) * 4096;
                    void* area = VirtualAreas.Allocate(bytes, VirtualAreaUse.Kernel, random.Next(4) == 0 ? 65536u : 4096u);
                    ulong mark = (ulong)Interlocked.Increment(ref marks);
                    Mark(area, bytes, mark);
                    held.Enqueue(((nuint)area, bytes, mark));
                }
            }

            foreach ((nuint, nuint, ulong) area in held)
            {
                Release(area);
            }
        });
        Assert.Empty(Machine.Mapped);
        VirtualAreas.Flush();
        Assert.Equal(0u, VirtualAreas.HeldFrames);
        CheckTree(0);
        CheckFrames();

        static void Release((nuint Address, nuint Bytes, ulong Mark) area)
        {
            CheckMark((void*)area.Address, area.Bytes, area.Mark);
            VirtualAreas.Free((void*)area.Address);
        }
    }

    private static ulong LowestGap(ulong pages)
    {
        AreaTree tree = VirtualAreas.Tree;
        for (VirtualArea* area = Lowest(tree); area != null; area = AreaTree.Next(area))
        {
            if (area->Use == VirtualAreaUse.Free && area->Pages >= pages)
            {
                return area->FirstPage;
            }
        }

        return 0;
    }

    private static VirtualArea* Lowest(AreaTree tree)
    {
        VirtualArea* area = tree.Root;
        while (area->Left != null)
        {
            area = area->Left;
        }

        return area;
    }

    // The ranges tile the whole space in order; no two free ones touch; links, priorities and sizes of gaps are right.
    private void CheckTree(int used)
    {
        AreaTree tree = VirtualAreas.Tree;
        ulong page = (Machine.AreaBase + (1ul << 30)) >> 12;
        int usedSeen = 0;
        bool previousFree = false;
        VirtualArea* before = null;
        for (VirtualArea* area = Lowest(tree); area != null; area = AreaTree.Next(area))
        {
            Assert.Equal(page, area->FirstPage);
            Assert.NotEqual(0ul, area->Pages);
            Assert.True(AreaTree.Previous(area) == before);
            Assert.True(tree.Find(area->FirstPage) == area && tree.Find(area->EndPage - 1) == area);
            bool free = area->Use == VirtualAreaUse.Free;
            Assert.False(free && previousFree);
            previousFree = free;
            usedSeen += free ? 0 : 1;
            page = area->EndPage;
            before = area;
        }

        Assert.Equal((Machine.AreaBase + HostMachine.AreaBytes) >> 12, page);
        Assert.Equal(used, usedSeen);
        Assert.Equal((nuint)used, VirtualAreas.UsedAreas);
        Assert.True(tree.Root->Parent == null);
        CheckNode(tree.Root);
    }

    private static ulong CheckNode(VirtualArea* node)
    {
        if (node == null)
        {
            return 0;
        }

        Assert.True(node->Left == null || (node->Left->Parent == node && node->Left->Priority <= node->Priority));
        Assert.True(node->Right == null || (node->Right->Parent == node && node->Right->Priority <= node->Priority));
        ulong largest = node->Use == VirtualAreaUse.Free ? node->Pages : 0;
        largest = Math.Max(largest, Math.Max(CheckNode(node->Left), CheckNode(node->Right)));
        Assert.Equal(largest, node->LargestFree);
        return largest;
    }
}
