using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;

namespace CosmosKernel.Tests.Memory;

/// <summary>A full heap is an error of the task that asks, and it passes.</summary>
public static class OutOfMemoryTests
{
    private const int Chunk = 4 * 1024 * 1024;
    private const ulong LargestMachine = 1ul << 30;

    /// <summary>A task that allocates until <see cref="OutOfMemoryException"/> catches it, lets go, and goes on; others are not harmed.</summary>
    [KernelTest("memory.a_task_survives_out_of_memory")]
    public static void ATaskSurvivesOutOfMemory()
    {
        if ((ulong)FrameAllocator.ManagedFrames * Frame.Size > LargestMachine)
        {
            Check.Skip("takes too long to fill with more than 1 GiB of memory");
        }

        // The first time leaves page tables for the addresses, which are kept for good.
        int chunks = 0;
        TestTasks.Run(1, _ => new TaskOptions { Name = "glutton" }, _ => chunks = FillUntilThrown());
        MemoryUse before = MemoryUse.Now();
        TestTasks.Run(1, _ => new TaskOptions { Name = "glutton" }, _ => chunks = FillUntilThrown());
        Check.True(chunks > 2, $"the heap held {chunks} pieces of 4 MiB");
        byte[] after = new byte[Chunk];
        after[^1] = 1;
        GC.KeepAlive(after);
        GC.Collect();
        MemoryUse.CheckNoLeak(before, frames: 64, areas: 8);
    }

    /// <summary>The same with small objects, whose memory is taken a page or so at a time.</summary>
    [KernelTest("memory.a_task_survives_out_of_memory_for_small_objects")]
    public static void ATaskSurvivesOutOfMemoryForSmallObjects()
    {
        if ((ulong)FrameAllocator.ManagedFrames * Frame.Size > LargestMachine)
        {
            Check.Skip("takes too long to fill with more than 1 GiB of memory");
        }

        int nodes = 0;
        TestTasks.Run(1, _ => new TaskOptions { Name = "glutton" }, _ => nodes = ChainUntilThrown());
        Check.True(nodes > 100, $"the heap held {nodes} objects");
        GC.Collect();
        Check.Equal("still 42", $"still {42}");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int FillUntilThrown()
    {
        var kept = new List<byte[]>(4096);
        try
        {
            while (true)
            {
                kept.Add(new byte[Chunk]);
            }
        }
        catch (OutOfMemoryException)
        {
            return kept.Count;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int ChainUntilThrown()
    {
        // First most of the memory in large pieces, so that the small ones do not take minutes.
        var kept = new List<byte[]>(4096);
        FillAllButOne(kept);
        int count = 0;
        Node? last = null;
        try
        {
            while (true)
            {
                last = new Node(last);
                count++;
            }
        }
        catch (OutOfMemoryException)
        {
            GC.KeepAlive(kept);
            return last is null ? 0 : count;
        }
    }

    private static void FillAllButOne(List<byte[]> kept)
    {
        try
        {
            while (true)
            {
                kept.Add(new byte[Chunk]);
            }
        }
        catch (OutOfMemoryException)
        {
            kept.RemoveAt(kept.Count - 1);
        }
    }

    private sealed class Node(Node? previous)
    {
        [Immutable]
        private readonly long[] _padding = new long[24];

        public Node? Previous { get; } = previous;

        public long Sum => _padding[0];
    }
}
