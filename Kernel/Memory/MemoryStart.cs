using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Smp;
using CosmosKernel.Machine.Threads;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Memory.Slabs;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Memory;

/// <summary>
/// Brings kernel memory up, in the order in which the parts need each other. Boot CPU, once, interrupts off, after the final page tables are active.
/// Nothing in this assembly uses the managed heap, throws, or has a class constructor: it runs below the garbage collector.
/// </summary>
public static unsafe class MemoryStart
{
    /// <summary>Frames, then the native heap, then virtual areas. Panics when there is too little memory for them.</summary>
    [BeforePublication]
    public static void Initialize()
    {
        FrameAllocator.Initialize();
        KernelHeap.Initialize();
        VirtualAreas.Initialize();
        KernelStacks.Initialize();
        Page.Initialize();
        PageTableTree.InitializeRights();
        UserContext.SetMemory(&AllocateContext, &KernelHeap.Free);
    }

    /// <summary>Lets the machine make threads. Once, when managed objects can be made.</summary>
    [BeforePublication]
    public static void ProvideStacks() => StackSource.Instance = new KernelStackSource();

    /// <summary>Starts the other CPUs with memory from the frame allocator; see <see cref="CpuStartup.StartAll"/>. Boot task.</summary>
    /// <param name="maximumCpus">The most CPUs to run, the boot CPU included.</param>
    /// <returns>The number of CPUs that run.</returns>
    public static int StartOtherCpus(int maximumCpus) => CpuStartup.StartAll(maximumCpus, &AllocateCpuFrame);

    // The state of XSAVE lies at a multiple of 64.
    private static void* AllocateContext(nuint bytes)
    {
        void* block = KernelHeap.AllocateAligned(bytes, 64);
        if (block != null)
        {
            RawMemory.Clear(block, bytes);
        }

        return block;
    }

    private static ulong AllocateCpuFrame()
    {
        Frame* frame = FrameAllocator.AllocateCleared(FrameUse.Kernel);
        return frame == null ? 0 : FrameTable.PhysicalOf(frame);
    }
}
