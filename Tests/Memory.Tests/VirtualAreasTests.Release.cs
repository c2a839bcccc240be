using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Memory.Frames;
using Xunit;

namespace CosmosKernel.Memory.Tests;

// How released areas come back: in batches, one shoot-down each, and sooner when they are needed.
public sealed unsafe partial class VirtualAreasTests
{
    private const int StackPages = 4;
    private const int StackBytes = StackPages * 4096;

    [Fact]
    public void AReleasedAreaFaultsAtOnceAndIsReusedOnlyAfterTheShootDown()
    {
        Start(cpus: 2);
        void* area = VirtualAreas.Allocate(16 * 4096, VirtualAreaUse.Stack);
        HashSet<ulong> frames = [.. Machine.Mapped.Values];
        nuint free = FrameAllocator.FreeFrames;
        int calls = 0;
        Machine.OnShootDown = (address, pages) =>
        {
            calls++;
            Assert.Equal((ulong)area, address);
            Assert.Equal(16ul, pages);
            Assert.True(FrameAllocator.FreeFrames < free);
        };

        VirtualAreas.Free(area);
        Assert.Equal(0, calls);
        Assert.Empty(Machine.Mapped);
        Assert.Equal(16u, VirtualAreas.HeldFrames);
        Assert.False(VirtualAreas.TryFind((ulong)area, out _));
        Assert.Throws<PanicException>(() => VirtualAreas.Free(area));

        // What others get meanwhile is elsewhere, by its addresses and by its frames.
        void* other = VirtualAreas.Allocate(16 * 4096, VirtualAreaUse.Stack);
        Assert.False((ulong)other + (16 * 4096) > (ulong)area - 4096 && (ulong)other < (ulong)area + (16 * 4096));
        Assert.DoesNotContain(Machine.Mapped.Values, frames.Contains);
        free = FrameAllocator.FreeFrames + 1;

        Assert.True(VirtualAreas.Flush());
        Assert.Equal(1, calls);
        Assert.Equal(0u, VirtualAreas.HeldFrames);
        Assert.False(VirtualAreas.Flush());
        Assert.Equal(1, calls);
        Assert.True(area == VirtualAreas.Allocate(16 * 4096, VirtualAreaUse.Stack));
        Assert.Contains(Machine.Mapped.Values, frames.Contains);
    }

    [Fact]
    public void OneShootDownCoversABatch()
    {
        Start(cpus: 4);
        var areas = new nuint[800];
        for (int i = 0; i < areas.Length; i++)
        {
            areas[i] = (nuint)VirtualAreas.Allocate(StackBytes, VirtualAreaUse.Stack);
        }

        int inBatch = (int)VirtualAreas.BatchPages / StackPages;
        int released = 0;
        int calls = 0;
        Machine.OnShootDown = (address, pages) =>
        {
            calls++;
            Assert.Equal(calls * inBatch, released);
            for (int i = released - inBatch; i < released; i++)
            {
                Assert.InRange(areas[i], address, address + (pages * 4096) - StackBytes);
            }

            Assert.Equal(VirtualAreas.BatchPages, VirtualAreas.HeldFrames);
        };
        new Random(5).Shuffle(areas);
        foreach (nuint area in areas)
        {
            released++;
            VirtualAreas.Free((void*)area);
            Assert.True(VirtualAreas.HeldFrames < VirtualAreas.BatchPages);
        }

        Assert.Equal(areas.Length / inBatch, calls);
        Machine.OnShootDown = null;
        VirtualAreas.Flush();
        CheckTree(0);
        CheckFrames();
    }

    [Fact]
    public void AnAllocationTakesBackWhatIsHeldBeforeItFails()
    {
        Start(cpus: 2);
        int calls = 0;
        Machine.OnShootDown = (_, _) => calls++;
        VirtualAreas.Free(VirtualAreas.Allocate(16 * 4096, VirtualAreaUse.Stack));
        var rest = new List<nuint>();
        Frame* frame;
        IrqSpinLock atomic = new(LockClass.UserPageTable);
        using (atomic.Enter())
        {
            // Where nothing may wait for other CPUs it fails, and leaves what is held.
            while ((frame = FrameAllocator.Allocate(1, FrameUse.Kernel)) != null)
            {
                rest.Add((nuint)frame);
            }
        }

        Assert.Equal(0, calls);
        Assert.Equal(16u, VirtualAreas.HeldFrames);
        int before = rest.Count;
        while ((frame = FrameAllocator.Allocate(1, FrameUse.Kernel)) != null)
        {
            rest.Add((nuint)frame);
        }

        Assert.Equal(1, calls);
        Assert.Equal(0u, VirtualAreas.HeldFrames);
        Assert.InRange(rest.Count, before + 16, before + 17);
        rest.ForEach(item => FrameAllocator.Free((Frame*)item));
        CheckTree(0);
        CheckFrames();
    }

    [Fact]
    public void NothingIsHeldWhileMemoryIsShort()
    {
        Start(cpus: 2);
        int calls = 0;
        Machine.OnShootDown = (_, _) => calls++;
        void* first = VirtualAreas.Allocate(StackBytes, VirtualAreaUse.Stack);
        void* second = VirtualAreas.Allocate(StackBytes, VirtualAreaUse.Stack);
        VirtualAreas.Free(first);
        Assert.Equal(0, calls);
        FrameAllocator.Reserve = FrameAllocator.FreeFrames;
        VirtualAreas.Free(second);
        Assert.Equal(1, calls);
        Assert.Equal(0u, VirtualAreas.HeldFrames);
    }

    [Fact]
    public void AddressesAndPageTablesComeBackBeforeTheirWantFails()
    {
        Start(cpus: 2);
        void* area = VirtualAreas.Allocate(StackBytes, VirtualAreaUse.Stack);
        void* all = VirtualAreas.ReserveAddresses(HostMachine.AreaBytes - (1 << 30) - ((2 + StackPages) * 4096), VirtualAreaUse.Kernel);
        Assert.True(all != null);
        Assert.True(VirtualAreas.Allocate(StackBytes, VirtualAreaUse.Stack) == null);
        int calls = 0;
        Machine.OnShootDown = (_, _) =>
        {
            calls++;
            Machine.MapsUntilFailure = int.MaxValue;
        };
        VirtualAreas.Free(area);
        Assert.True(area == VirtualAreas.Allocate(StackBytes, VirtualAreaUse.Stack));
        Assert.Equal(1, calls);

        // A page table that cannot be had.
        VirtualAreas.Free(all);
        VirtualAreas.Free(area);
        Machine.MapsUntilFailure = 2;
        area = VirtualAreas.Allocate(StackBytes, VirtualAreaUse.Stack);
        Assert.True(area != null);
        Assert.Equal(2, calls);
        VirtualAreas.Free(area);
        VirtualAreas.Flush();
        CheckTree(0);
        CheckFrames();
    }

    [Fact]
    public void WhatAFailedAllocationTookIsFreeAgain()
    {
        Start(cpus: 2);
        VirtualAreas.Free(VirtualAreas.Allocate(StackBytes, VirtualAreaUse.Stack));
        VirtualAreas.Flush();
        Slabs.SlabCache.ShrinkAll();
        nuint free = FrameAllocator.FreeFrames;
        Assert.True(VirtualAreas.Allocate(128 << 20, VirtualAreaUse.Kernel) == null);
        Slabs.SlabCache.ShrinkAll();
        Assert.Equal(free, FrameAllocator.FreeFrames);
        Assert.Equal(0u, VirtualAreas.HeldFrames);
        CheckTree(0);
    }

    [Fact]
    public void DeviceMemoryIsForgottenBeforeItsReleaseReturns()
    {
        Start(cpus: 2);
        int calls = 0;
        Machine.OnShootDown = (_, _) => calls++;
        void* mapped = VirtualAreas.MapPhysical(0x1000, 4096, PageRights.Read | PageRights.Uncached);
        VirtualAreas.Free(mapped);
        Assert.Equal(1, calls);
        CheckTree(0);
    }

    [Fact]
    public void WhoFlushesWhileAnotherCpuIsAtItWaitsAndWhatCameLaterGetsAShootDownOfItsOwn()
    {
        Start(cpus: 2);
        using var inside = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        using var waits = new ManualResetEventSlim();
        int calls = 0;
        void* first = VirtualAreas.Allocate(StackBytes, VirtualAreaUse.Stack);
        void* second = VirtualAreas.Allocate(StackBytes, VirtualAreaUse.Stack);
        Machine.OnPause = waits.Set;
        Machine.OnShootDown = (address, pages) =>
        {
            if (Interlocked.Increment(ref calls) == 1)
            {
                Assert.Equal((ulong)first, address);
                inside.Set();
                goOn.Wait();
            }
            else
            {
                Assert.Equal((ulong)second, address);
                Assert.Equal((ulong)StackPages, pages);
            }
        };
        VirtualAreas.Free(first);
        var one = new Thread(() => VirtualAreas.Flush());
        one.Start();
        inside.Wait();

        // The shoot-down that runs does not cover this one: its addresses may be in a TLB that was asked already.
        VirtualAreas.Free(second);
        bool returned = false;
        var two = new Thread(() =>
        {
            HostMachine.CpuIndex = 1;
            VirtualAreas.Flush();
            Volatile.Write(ref returned, true);
        });
        two.Start();
        waits.Wait();
        Assert.False(Volatile.Read(ref returned));
        Assert.Equal(1, Volatile.Read(ref calls));
        Assert.Equal(2u * StackPages, VirtualAreas.HeldFrames);
        goOn.Set();
        one.Join();
        two.Join();
        Assert.Equal(2, calls);
        Assert.Equal(0u, VirtualAreas.HeldFrames);
        CheckTree(0);
        CheckFrames();
    }

    [Fact]
    public void NoCpuSeesAFrameTwiceBetweenTwoShootDowns()
    {
        // Each CPU has a TLB that remembers what was mapped until it is asked: an address that is mapped anew must not be in it with another frame, nor may a frame be reached by two addresses.
        Start(cpus: 4);
        var gate = new Lock();
        var stale = new Dictionary<ulong, ulong>();
        Machine.OnMap = (address, physical) =>
        {
            lock (gate)
            {
                Assert.False(stale.ContainsKey(address), "An address is mapped that a TLB may know.");
                Assert.False(stale.ContainsValue(physical), "A frame is mapped that a TLB may reach.");
            }
        };
        Machine.OnUnmap = (address, physical) =>
        {
            lock (gate)
            {
                stale[address] = physical;
            }
        };
        Machine.OnShootDown = (address, pages) =>
        {
            lock (gate)
            {
                foreach (ulong known in stale.Keys.Where(known => known - address < pages * 4096).ToList())
                {
                    stale.Remove(known);
                }
            }
        };
        OnAllCpus((_, random) =>
        {
            var held = new Queue<nuint>();
            for (int i = 0; i < 600; i++)
            {
                if (held.Count > 12 || (held.Count != 0 && random.Next(2) == 0))
                {
                    VirtualAreas.Free((void*)held.Dequeue());
                }
                else
                {
                    held.Enqueue((nuint)VirtualAreas.Allocate((nuint)random.Next(1, 6) * 4096, VirtualAreaUse.Stack));
                }

                if (random.Next(100) == 0)
                {
                    VirtualAreas.Flush();
                }
            }

            while (held.TryDequeue(out nuint area))
            {
                VirtualAreas.Free((void*)area);
            }
        });
        VirtualAreas.Flush();
        Assert.Empty(stale);
        CheckTree(0);
        CheckFrames();
    }
}
