using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Memory.Slabs;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Processes.Memory;
using CosmosKernel.Runtime.Heap;
using CosmosKernel.Tasks;

namespace CosmosKernel.Tests.AddressSpaces;

/// <summary>What the tests share.</summary>
internal static class Space
{
    public const ulong P = AddressSpace.PageBytes;
    public const MemoryProtection Rw = MemoryProtection.Read | MemoryProtection.Write;
    public const MapFlags Anonymous = MapFlags.Private | MapFlags.Anonymous;
    public const MapFlags SharedAnonymous = MapFlags.Shared | MapFlags.Anonymous;

    /// <summary>Makes an address space and runs a task in it. Then the task's end takes it down.</summary>
    [MightSleep]
    public static void Run(Action<AddressSpace> body) => RunOn(1, (space, _) => body(space));

    /// <summary>The same with several tasks at once.</summary>
    [MightSleep]
    public static void RunOn(int tasks, Action<AddressSpace, int> body)
    {
        if (UserFaultHandler.Instance is null)
        {
            Check.Skip("nothing of user space is started in this image");
        }

        Check.Equal(Errno.Ok, AddressSpace.TryCreate(out AddressSpace? space));
        TestTasks.Run(tasks, i => new TaskOptions { Name = $"user-{i}" }, i =>
        {
            space!.AddUser();
            space.AttachTo(TaskStruct.Current);
            body(space, i);
        });
        space!.ReleaseUser();
    }

    /// <summary>A mapping.</summary>
    [MightSleep]
    public static ulong Map(AddressSpace space, ulong pages, MapFlags flags = Anonymous, ulong at = 0, MemoryProtection protection = Rw)
    {
        long result = space.Map(at, pages * P, protection, flags | (at == 0 ? MapFlags.None : MapFlags.Fixed), default);
        Check.True(result > 0, $"mmap gave {result}");
        return (ulong)result;
    }

    /// <summary>Frames that are neither free nor the managed heap's, when all stocks are empty.</summary>
    [MightSleep]
    public static long FramesInUse()
    {
        ManagedHeap.Collect();
        KernelStacks.Trim();
        SlabCache.ShrinkAll();
        FrameAllocator.DrainCaches();
        HeapStatistics heap = HeapStatistics.Capture();
        return (long)(FrameAllocator.ManagedFrames - FrameAllocator.FreeFrames) - (long)((heap.CommittedBytes + heap.MetadataBytes) / Frame.Size);
    }
}
