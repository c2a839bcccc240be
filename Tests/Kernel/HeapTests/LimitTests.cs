using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Runtime.Heap;

namespace CosmosKernel.Tests.Heap;

/// <summary>Large objects, and the end of memory.</summary>
public static class LimitTests
{
    /// <summary>Arrays from one size class to the next, up to areas of many megabytes.</summary>
    [KernelTest("memory.heap.arrays_of_all_sizes_are_clear_and_their_memory_comes_back")]
    public static void Sizes()
    {
        HeapTestModule.CollectAndVerify();
        ulong before = HeapStatistics.Capture().CommittedBytes;
        HeapTestModule.RunAndForget(() =>
        {
            for (int size = 1; size <= 24 << 20; size = (size * 5 / 4) + 1)
            {
                byte[] array = new byte[size];
                Check.Equal(-1, array.AsSpan().IndexOfAnyExcept((byte)0));
                array.AsSpan().Fill(0xFF);
            }
        });
        HeapTestModule.CollectAndVerify();
        ulong after = HeapStatistics.Capture().CommittedBytes;

        // One array may hang on a stale word of the stack, but not all, 100 MiB together.
        Check.InRange(0ul, before + (32ul << 20), after);
    }

    /// <summary>A negative length.</summary>
    [KernelTest("memory.heap.a_negative_length_is_an_overflow")]
    public static void NegativeLength()
    {
        int length = Environment.TickCount64 >= 0 ? -5 : 5;
        Check.Throws<OverflowException>(() => HeapTestModule.Escape(new int[length]));
    }

    /// <summary>An array that no machine can hold.</summary>
    [KernelTest("memory.heap.an_impossible_array_is_out_of_memory_at_once")]
    public static void ImpossibleArray()
    {
        int length = Environment.TickCount64 >= 0 ? 0x7FFF_FFC7 : 5;
        if (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes > length * 16L)
        {
            Check.Skip("this machine has room for the largest array");
        }

        ulong collections = HeapStatistics.Capture().Collections;
        Check.Throws<OutOfMemoryException>(() => HeapTestModule.Escape(new decimal[length]));
        Check.InRange(collections, collections + 1, HeapStatistics.Capture().Collections);
    }

    /// <summary>All memory taken by medium-sized, then by small objects.</summary>
    [KernelTest("memory.heap.out_of_memory_is_an_exception_and_the_kernel_recovers")]
    public static void Exhaustion()
    {
        if (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes > 1L << 30)
        {
            Check.Skip("takes too long on a machine with more than 1 GiB");
        }

        HeapTestModule.CollectAndVerify();
        ulong before = HeapStatistics.Capture().CommittedBytes;
        HeapTestModule.RunAndForget(() => Check.InRange(100, int.MaxValue, FillWithArrays()));
        HeapTestModule.RunAndForget(() => Check.InRange(100, int.MaxValue, FillWithNodes()));
        HeapTestModule.CollectAndVerify();
        ulong after = HeapStatistics.Capture().CommittedBytes;
        Check.InRange(0ul, before + (16ul << 20), after);
        HeapTestModule.RunAndForget(() => HeapTestModule.Escape(new byte[8 << 20]));
    }

    /// <summary>The figures that GC gives.</summary>
    [KernelTest("memory.heap.the_collector_reports_what_it_did")]
    public static void Reports()
    {
        int count = GC.CollectionCount(0);
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        long mine = GC.GetAllocatedBytesForCurrentThread();
        object[] keep = new object[1000];
        for (int i = 0; i < keep.Length; i++)
        {
            keep[i] = new byte[1000];
        }

        GC.Collect();
        Check.InRange(count + 1, int.MaxValue, GC.CollectionCount(0));
        Check.InRange(allocated + 1_000_000, long.MaxValue, GC.GetTotalAllocatedBytes(precise: true));
        Check.InRange(mine + 1_000_000, mine + 2_000_000, GC.GetAllocatedBytesForCurrentThread());
        Check.InRange(1_000_000, 1L << 40, GC.GetTotalMemory(forceFullCollection: false));
        GCMemoryInfo info = GC.GetGCMemoryInfo();
        Check.InRange(1_000_000, info.TotalCommittedBytes, info.HeapSizeBytes);
        Check.InRange(1, info.TotalAvailableMemoryBytes, info.MemoryLoadBytes);
        Check.True(info.PauseDurations[0] > TimeSpan.Zero);
        Check.True(GC.GetTotalPauseDuration() >= info.PauseDurations[0]);
        ulong pauses = 0;
        for (int bucket = 0; bucket < HeapStatistics.PauseBuckets; bucket++)
        {
            pauses += HeapStatistics.PausesInBucket(bucket);
        }

        Check.Equal(HeapStatistics.Capture().Collections, pauses);
        GC.KeepAlive(keep);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int FillWithArrays()
    {
        var hoard = new List<byte[]>(1 << 18);
        try
        {
            while (true)
            {
                hoard.Add(new byte[8000]);
            }
        }
        catch (OutOfMemoryException)
        {
            int count = hoard.Count;
            hoard.Clear();
            return count;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int FillWithNodes()
    {
        Node? head = null;
        int count = 0;
        try
        {
            while (true)
            {
                head = new Node { Next = head };
                head.Content[count % 60] = count;
                count++;
            }
        }
        catch (OutOfMemoryException)
        {
            // Cut into pieces: a stale word on the stack then keeps a few, not all.
            int step = 0;
            for (Node? node = head; node is not null;)
            {
                Node? next = node.Next;
                if (++step % 16 == 0)
                {
                    node.Next = null;
                }

                node = next;
            }

            return count;
        }
    }

    /// <summary>As large as the fast lists serve, so that not too many are needed.</summary>
    [Owned]
    private sealed class Node
    {
        public Node? Next;
        public Payload Content;
    }

    [InlineArray(60)]
    private struct Payload
    {
        private long _first;
    }
}
