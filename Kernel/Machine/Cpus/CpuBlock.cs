using System.Runtime.InteropServices;
using CosmosKernel.Machine.Threads;

namespace CosmosKernel.Machine.Cpus;

/// <summary>
/// What one CPU owns; its address is the base of GS. Unmanaged, page-aligned, never moves or is freed.
/// Written by its own CPU only, except where a field says otherwise. X# reads the offsets from <c>Offsets.txt</c>;
/// <see cref="Cpu.VerifyLayout"/> compares the two at boot.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
public unsafe struct CpuBlock
{
    /// <summary>Size of the block in bytes: one page.</summary>
    public const int Bytes = 4096;

    /// <summary>The largest object size in bytes that has a free list of its own.</summary>
    public const int LargestListedSize = 512;

    /// <summary>This block.</summary>
    [FieldOffset(0x00)] public CpuBlock* Self;

    /// <summary>The thread that runs here.</summary>
    [FieldOffset(0x08)] public ThreadBlock* CurrentThread;

    /// <summary>Above 0: this CPU does not switch threads.</summary>
    [FieldOffset(0x10)] public uint PreemptCount;

    /// <summary>1: the scheduler wants to run here. Set by this CPU only, other CPUs send an interrupt.</summary>
    [FieldOffset(0x14)] public ushort NeedResched;

    /// <summary>1: deferred work waits to run here. Set and cleared by this CPU only, interrupts off. The entry code and the end of preemption's suspension read it together with <see cref="NeedResched"/>.</summary>
    [FieldOffset(0x16)] public ushort DeferredPending;

    /// <summary>Both of them.</summary>
    [FieldOffset(0x14)] public uint NeedsAttention;

    /// <summary>Hard interrupts that are being served here: 0 or 1.</summary>
    [FieldOffset(0x18)] public uint InterruptDepth;

    /// <summary>CPU number, 0 to 254, in order of start.</summary>
    [FieldOffset(0x1C)] public uint Index;

    /// <summary>Top of the stack that hard interrupts run on.</summary>
    [FieldOffset(0x20)] public nuint InterruptStackTop;

    /// <summary>Local APIC id.</summary>
    [FieldOffset(0x28)] public uint ApicId;

    /// <summary>1 once this CPU runs the scheduler.</summary>
    [FieldOffset(0x2C)] public uint Online;

    /// <summary>Where the stop-the-world NMI saved this CPU's registers; null while it runs. Read by the collector's CPU.</summary>
    [FieldOffset(0x30)] public nuint StoppedFrame;

    /// <summary>The task's stack pointer when the interrupt went to the interrupt stack; 0 outside interrupts.</summary>
    [FieldOffset(0x38)] public nuint InterruptedRsp;

    /// <summary>Where SYSCALL begins to push: the end of the registers of the context that was loaded last. The task-state segment has the same for interrupts and exceptions.</summary>
    [FieldOffset(0x40)] public nuint KernelSyscallRsp;

    /// <summary>System-call entry: saved user stack.</summary>
    [FieldOffset(0x48)] public nuint UserRsp;

    /// <summary>Object reference to the CPU's run queue: a root of the collector.</summary>
    [FieldOffset(0x50)] public nint Scheduler;

    /// <summary>The thread that runs when nothing else does.</summary>
    [FieldOffset(0x58)] public ThreadBlock* Idle;

    /// <summary>This CPU's descriptor tables.</summary>
    [FieldOffset(0x60)] public Interrupts.DescriptorTables* Tables;

    /// <summary>Lowest usable address of the interrupt stack.</summary>
    [FieldOffset(0x68)] public nuint InterruptStackLow;

    /// <summary>First address above the stacks of NMI, double fault, machine check and debug, in this order.</summary>
    [FieldOffset(0x70)] public fixed ulong FaultStackTop[4];

    /// <summary>Hard interrupts served.</summary>
    [FieldOffset(0x90)] public ulong InterruptCount;

    /// <summary>1 while this CPU prints a panic or waits behind one.</summary>
    [FieldOffset(0x98)] public uint Panicking;

    /// <summary>CPU number + 1: what a spin lock holds while this CPU does.</summary>
    [FieldOffset(0x9C)] public uint SpinToken;

    /// <summary>Where a panic on another CPU found this one: the frame of its NMI.</summary>
    [FieldOffset(0xA0)] public nuint PanicFrame;

    /// <summary>The context whose state was loaded into this CPU's registers last; its memory may be gone.</summary>
    [FieldOffset(0xA8)] internal UserMode.UserContextBlock* UserContext;

    /// <summary>The user half of the address space that this CPU has loaded; null for the kernel's own tables. Kernel threads leave it as it is.</summary>
    [FieldOffset(0xB0)] internal UserMode.UserSpace* UserSpace;

    /// <summary>State of this CPU's clock event device, owned by Machine.Time.</summary>
    [FieldOffset(0x100)] public fixed ulong ClockState[16];

    /// <summary>State of inter-processor calls, owned by Machine.Smp.</summary>
    [FieldOffset(0x180)] public fixed ulong CallState[32];

    /// <summary>Places of this CPU in the queues of spin locks, owned by Machine.Locking: one for each context that may wait inside another. A cache line of its own.</summary>
    [FieldOffset(0x2C0)] public fixed ulong SpinNodes[Locking.QueuedLock.Nesting];

    /// <summary>How many of them are in use.</summary>
    [FieldOffset(0x300)] public int SpinDepth;

    /// <summary>Free lists of the managed heap, by object size / 8.</summary>
    [FieldOffset(0x400)] public fixed ulong AllocationLists[(LargestListedSize / 8) + 1];

    /// <summary>What this CPU's TLB holds of which address spaces, owned by Machine.UserMode.</summary>
    [FieldOffset(0x620)] public fixed ulong UserSpaceState[32];

    /// <summary>Per-CPU state of the managed heap, owned by Runtime.</summary>
    [FieldOffset(0x800)] public fixed ulong HeapState[128];

    /// <summary>Per-CPU state of the frame and slab allocators, owned by Memory.</summary>
    [FieldOffset(0xC00)] public fixed ulong MemoryState[128];
}
