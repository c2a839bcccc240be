using System.Runtime.InteropServices;

namespace CosmosKernel.Machine.Threads;

/// <summary>
/// The part of a task that the machine, the runtime and the collector see. Unmanaged; lies above the stack that it describes, in the same mapping.
/// Written by the thread itself or, while it does not run, by the CPU that switches to it.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
public unsafe struct ThreadBlock
{
    /// <summary>Size in bytes; a multiple of 64 keeps the stack below it aligned.</summary>
    public const int Bytes = 256;

    /// <summary>Stack pointer while the thread does not run.</summary>
    [FieldOffset(0x00)] public nuint Rsp;

    /// <summary>Lowest usable address of the stack; the page below is a guard.</summary>
    [FieldOffset(0x08)] public nuint StackLow;

    /// <summary>First address above the stack.</summary>
    [FieldOffset(0x10)] public nuint StackHigh;

    /// <summary>Next in <see cref="ThreadList"/>.</summary>
    [FieldOffset(0x18)] public ThreadBlock* Next;

    /// <summary>Previous in <see cref="ThreadList"/>.</summary>
    [FieldOffset(0x20)] public ThreadBlock* Previous;

    /// <summary>The runtime's chain of exceptions in flight.</summary>
    [FieldOffset(0x28)] public void* ExInfoHead;

    /// <summary>Object reference: CoreLib's thread statics. A root.</summary>
    [FieldOffset(0x30)] public nint ThreadStatics;

    /// <summary>Object reference: the task. A root.</summary>
    [FieldOffset(0x38)] public nint Owner;

    /// <summary>Unique for the life of the system, from 1.</summary>
    [FieldOffset(0x40)] public ulong Id;

    /// <summary>CoreLib's errno for this thread.</summary>
    [FieldOffset(0x48)] public int LastError;

    /// <summary>Head of the chain of GCFrameRegistration that managed code published.</summary>
    [FieldOffset(0x50)] public void* ReportedFrames;

    /// <summary>Bytes that this thread allocated on the managed heap, up to the last refill.</summary>
    [FieldOffset(0x58)] public ulong AllocatedBytes;

    /// <summary>1 once the runtime knows this thread and its exit callback must run.</summary>
    [FieldOffset(0x60)] public uint RuntimeAttached;

    /// <summary>Runtime-private words.</summary>
    [FieldOffset(0x68)] public fixed ulong RuntimeState[8];

    /// <summary>Frees the mapping that holds stack and block: virtual area's base, 0 for a boot stack.</summary>
    [FieldOffset(0xA8)] public nuint AreaBase;

    /// <summary>Read-side sections of RCU that the thread is in; see <see cref="ReadSection"/>. Written by the thread, and by its CPU with interrupts off.</summary>
    [FieldOffset(0xB0)] public uint ReadNesting;

    /// <summary>What the lock validator knows of the locks that the thread holds, in a kernel that has it; 0 for threads that hold none.</summary>
    [FieldOffset(0xB8)] public nuint HeldLocks;

    /// <summary>Ticks of the TSC that hard interrupts took while this thread ran. Written by the entry of interrupts.</summary>
    [FieldOffset(0xC0)] public ulong InterruptTicks;

    /// <summary>The thread's state in user mode, from its first way there on; null for others. The switch away from it looks at it.</summary>
    [FieldOffset(0xC8)] internal UserMode.UserContextBlock* UserContext;

    /// <summary>The user half of the address space that the thread runs with; null when any will do. The switch to it looks at it.</summary>
    [FieldOffset(0xD0)] internal UserMode.UserSpace* UserSpace;
}
