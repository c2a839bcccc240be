using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Memory.Slabs;
using Xunit;

namespace CosmosKernel.Memory.Tests;

/// <summary>A machine of 64 MiB with its memory brought up, and the checks of the frame allocator's invariants.</summary>
public abstract unsafe class MemoryFixture : IDisposable
{
    private HostMachine? _machine;

    internal HostMachine Machine => _machine ?? throw new InvalidOperationException("No machine was started.");

    public void Dispose()
    {
        _machine?.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static MemoryRange Usable(ulong start, ulong end) => new() { Start = start, End = end, Kind = MemoryKind.Usable };

    private protected void Start(int cpus = 1, ulong bytes = 64ul << 20)
    {
        StartFrames([Usable(0, 0x9F000), Usable(0x10_0000, bytes)], [new() { Start = 0, End = 0x10_0000 }], 0x10_0000, cpus);
        KernelHeap.Initialize();
        Areas.VirtualAreas.Initialize();
        Areas.KernelStacks.Initialize();
    }

    private protected void StartFrames(IReadOnlyList<MemoryRange> map, IReadOnlyList<MemoryRange> reserved, ulong early, int cpus = 1)
    {
        _machine?.Dispose();
        _machine = new HostMachine(map, reserved, cpus) { EarlyNext = early, EarlyStart = early };
        HostMachine.CpuIndex = 0;
        SlabCache.InitializeAll();
        FrameAllocator.Initialize();
    }

    /// <summary>Runs a body on as many threads as the machine has CPUs, each with its CPU number and a random sequence.</summary>
    private protected static void OnAllCpus(Action<int, Random> body)
    {
        int count = Cpu.Count;
        using var barrier = new Barrier(count);
        var tasks = new Task[count];
        for (int i = 0; i < count; i++)
        {
            int cpu = i;
            tasks[i] = Task.Factory.StartNew(
                () =>
                {
                    HostMachine.CpuIndex = cpu;
                    barrier.SignalAndWait();
                    body(cpu, new Random(4711 + cpu));
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
        }

        Task.WaitAll(tasks);
    }

    /// <summary>
    /// Walks all described frames: free blocks are aligned, do not overlap, have no free buddy of their order, and the counts are right.
    /// </summary>
    private protected void CheckFrames()
    {
        FrameAllocator.DrainCaches();
        Assert.Equal(0u, FrameAllocator.CachedFrames);
        var blocks = new nuint[FrameAllocator.ZoneCount, BuddyZone.Orders];
        nuint free = 0;
        nuint end = (nuint)(Machine.PhysicalBytes >> 12);
        nuint number = 0;
        while (number < end)
        {
            Frame* frame = FrameTable.Base + number;
            if (!FrameTable.HasDescriptor((ulong)number << 12))
            {
                number += 1024;
                continue;
            }

            Assert.NotEqual(FrameUse.Cached, frame->Use);
            if (frame->Use == FrameUse.Free)
            {
                nuint size = (nuint)1 << frame->Order;
                Assert.Equal(0u, number % size);
                Assert.Equal(0u, frame->Count);
                if (frame->Order < BuddyZone.Orders - 1)
                {
                    Frame* buddy = FrameTable.Base + (number ^ size);
                    Assert.False(buddy->Use == FrameUse.Free && buddy->Order == frame->Order, "Two free buddies were not joined.");
                }

                blocks[number >= 1u << 20 ? 2 : number >= 1u << 12 ? 1 : 0, frame->Order]++;
                free += size;
                number += size;
            }
            else
            {
                number += frame->Count == 0 ? 1u : frame->Count;
            }
        }

        Assert.Equal(free, FrameAllocator.FreeFrames);
        for (int zone = 0; zone < FrameAllocator.ZoneCount; zone++)
        {
            for (int order = 0; order < BuddyZone.Orders; order++)
            {
                Assert.Equal(blocks[zone, order], FrameAllocator.FreeBlocks((FrameZone)zone, order));
            }
        }
    }

    /// <summary>Writes a mark into the first, middle and last whole word of a block, which has one.</summary>
    private protected static void Mark(void* block, nuint bytes, ulong mark)
    {
        nuint words = bytes / 8;
        ((ulong*)block)[0] = mark;
        ((ulong*)block)[words / 2] = mark;
        ((ulong*)block)[words - 1] = mark;
    }

    /// <summary>Checks that nobody else wrote into the block.</summary>
    private protected static void CheckMark(void* block, nuint bytes, ulong mark)
    {
        nuint words = bytes / 8;
        if (((ulong*)block)[0] != mark || ((ulong*)block)[words / 2] != mark || ((ulong*)block)[words - 1] != mark)
        {
            Assert.Fail($"The block of {bytes} bytes with mark {mark:x} was written to by somebody else.");
        }
    }
}
