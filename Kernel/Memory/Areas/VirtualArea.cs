using System.Runtime.InteropServices;
using CosmosKernel.Memory.Frames;

namespace CosmosKernel.Memory.Areas;

/// <summary>What a range of the virtual areas is used for.</summary>
public enum VirtualAreaUse : byte
{
    /// <summary>Nothing.</summary>
    Free,

    /// <summary>Given back and unmapped, but other CPUs may still have translations.</summary>
    Releasing,

    /// <summary>A kernel stack.</summary>
    Stack,

    /// <summary>Device memory.</summary>
    Device,

    /// <summary>A large block of the native heap.</summary>
    NativeHeap,

    /// <summary>A large object of the managed heap.</summary>
    ManagedHeap,

    /// <summary>Something else of the kernel.</summary>
    Kernel,
}

/// <summary>
/// A range of the virtual areas, free or used, and its place in the tree of all ranges. Lives in a slab. Guarded by the lock of <see cref="VirtualAreas"/>;
/// while a range is being mapped or unmapped its owner alone uses the mapping.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct VirtualArea
{
    /// <summary>Tree links.</summary>
    public VirtualArea* Left;

    /// <summary>Tree links.</summary>
    public VirtualArea* Right;

    /// <summary>Tree links.</summary>
    public VirtualArea* Parent;

    /// <summary>The next one of a list of released areas.</summary>
    public VirtualArea* NextReleased;

    /// <summary>The first of the frames, linked by <see cref="Frame.Next"/>, that were mapped in a released area.</summary>
    public Frame* Frames;

    /// <summary>Number of the first page: address / 4096.</summary>
    public ulong FirstPage;

    /// <summary>Pages, guard pages included.</summary>
    public ulong Pages;

    /// <summary>Pages of the largest free range in the subtree that starts here.</summary>
    public ulong LargestFree;

    /// <summary>Random; a parent's is not smaller than its children's.</summary>
    public uint Priority;

    /// <summary>Unmapped pages at the start.</summary>
    public uint GuardPages;

    /// <summary>What it is used for.</summary>
    public VirtualAreaUse Use;

    /// <summary>Whether the mapped frames go back to the frame allocator with the area.</summary>
    public bool OwnsFrames;

    /// <summary>First page that is mapped.</summary>
    public readonly ulong FirstMapped => FirstPage + GuardPages;

    /// <summary>Page after the last one.</summary>
    public readonly ulong EndPage => FirstPage + Pages;
}
