using System.Runtime.InteropServices;

namespace CosmosKernel.Memory.Frames;

/// <summary>What a frame of physical memory is used for.</summary>
public enum FrameUse : byte
{
    /// <summary>Not managed (device memory, firmware, the image), or inside a run whose first frame says the use.</summary>
    None,

    /// <summary>First frame of a free block of the buddy allocator.</summary>
    Free,

    /// <summary>In a CPU's cache of single frames.</summary>
    Cached,

    /// <summary>Taken by the kernel for something that has no use of its own here.</summary>
    Kernel,

    /// <summary>A page table.</summary>
    PageTable,

    /// <summary>Part of a slab; <see cref="Frame.Owner"/> is the slab.</summary>
    Slab,

    /// <summary>A large block of the native heap.</summary>
    NativeHeap,

    /// <summary>Mapped in a virtual area.</summary>
    VirtualArea,

    /// <summary>Part of the managed heap; <see cref="Frame.Owner"/> is the heap's block.</summary>
    ManagedHeap,

    /// <summary>Memory that devices read and write (<see cref="Areas.DmaBuffer"/>).</summary>
    Dma,

    /// <summary>Given to the host for a while by a balloon.</summary>
    Balloon,

    /// <summary>Memory of a process.</summary>
    User,

    /// <summary>A page table of a process.</summary>
    UserPageTable,
}

/// <summary>
/// The descriptor of one 4 KiB frame of physical memory. While the frame is free, the allocator owns all fields; from allocation to release the owner of the
/// run may use <see cref="Next"/>, <see cref="Previous"/> and <see cref="Owner"/> of all its frames as it likes, and <see cref="Use"/> of all but the first.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
public unsafe struct Frame
{
    /// <summary>Bytes of a descriptor.</summary>
    public const int Bytes = 32;

    /// <summary>Bytes of the frame that it describes.</summary>
    public const int Size = 4096;

    /// <summary>Binary logarithm of <see cref="Size"/>.</summary>
    public const int Shift = 12;

    /// <summary>Link of whatever list the frame is on.</summary>
    public Frame* Next;

    /// <summary>Link of whatever list the frame is on.</summary>
    public Frame* Previous;

    /// <summary>A word of the owner: what this frame belongs to.</summary>
    public nuint Owner;

    /// <summary>Frames of the run that starts here; 0 inside a run and in frames that are not allocated.</summary>
    public uint Count;

    /// <summary>Binary logarithm of the frames of the free block that starts here.</summary>
    internal byte Order;

    /// <summary>What the frame is used for.</summary>
    public FrameUse Use;
}
