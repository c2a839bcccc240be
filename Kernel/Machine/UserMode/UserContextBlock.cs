using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Threads;

namespace CosmosKernel.Machine.UserMode;

/// <summary>
/// The memory behind a <see cref="UserContext"/>: unmanaged, at a multiple of 64. The entries from user mode push the registers straight into it, so <see cref="Registers"/> ends at a multiple of 16.
/// Written by the thread that it belongs to, on the CPU where that runs, interrupts off where the state is moved between CPU and memory; by others only while that thread cannot run.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = ExtendedStateOffset)]
internal unsafe struct UserContextBlock
{
    /// <summary>Where the image of XSAVE or FXSAVE begins, behind this structure.</summary>
    public const int ExtendedStateOffset = 0x100;

    /// <summary>1: the state is in memory only, or may be outdated on the CPU. 0: the thread is on a CPU, which has the state in its registers.</summary>
    [FieldOffset(0x00)] public byte NotLoaded;

    /// <summary>1: <see cref="UserContext.Run"/> returns before user mode is entered again. Set by anyone.</summary>
    [FieldOffset(0x01)] public byte Attention;

    /// <summary>Both of them: 0 lets the thread go to user mode.</summary>
    [FieldOffset(0x00)] public uint Pending;

    /// <summary>1: the thread has restartable sequences, and wants to know when it was away from its CPU.</summary>
    [FieldOffset(0x04)] public byte HasSequences;

    /// <summary>1: it has been told, and was not in user mode since, though the state is in memory only.</summary>
    [FieldOffset(0x05)] public byte SequencesSeen;

    /// <summary>The CPU that it was told of.</summary>
    [FieldOffset(0x06)] public ushort SequenceCpu;

    /// <summary>The CPU that loaded the state last, whose registers still hold it if it names this context as its last one; null when what is in memory is newer.</summary>
    [FieldOffset(0x08)] public CpuBlock* Cpu;

    /// <summary>While the thread is in user mode, or on its way: the stack pointer where <see cref="UserContext.Run"/> left the kernel's stack, with six saved registers and the return address above. Else 0.</summary>
    [FieldOffset(0x10)] public nuint KernelRsp;

    /// <summary>Base of FS.</summary>
    [FieldOffset(0x18)] public ulong FsBase;

    /// <summary>Base of GS in user mode.</summary>
    [FieldOffset(0x20)] public ulong GsBase;

    /// <summary>CR2 of the last page fault.</summary>
    [FieldOffset(0x28)] public ulong FaultAddress;

    /// <summary>MXCSR. The word for it in the image is the kernel's.</summary>
    [FieldOffset(0x30)] public uint Mxcsr;

    /// <summary>DR6 of the last debug exception.</summary>
    [FieldOffset(0x38)] public ulong DebugStatus;

    /// <summary>
    /// The word of the <see cref="UserContext"/> in which its ticks of the TSC in user mode are: the ways to user mode subtract the time from it, those from there add it, so that it is negative meanwhile.
    /// </summary>
    [FieldOffset(0x40)] public long* UserTicks;

    /// <summary>The general registers, up to the end of this structure.</summary>
    [FieldOffset(0x50)] public UserRegisters Registers;

    /// <summary>The first byte above the registers: where entries from user mode begin to push.</summary>
    public static nuint RegistersEnd(UserContextBlock* block) => (nuint)block + ExtendedStateOffset;

    /// <summary>The image of XSAVE or FXSAVE. Its XMM registers are current whenever the thread is in the kernel; the rest when <see cref="NotLoaded"/> is 1.</summary>
    public static byte* ExtendedState(UserContextBlock* block) => (byte*)block + ExtendedStateOffset;

    /// <summary>Panics when the offsets that X# was compiled with differ from the compiler's layout.</summary>
    internal static void VerifyLayout()
    {
        UserContextBlock context = default;
        UserContextBlock* block = &context;
        ThreadBlock* thread = CpuInstructions.CurrentThread();
        CpuBlock* cpu = CpuInstructions.BlockPointer();
        if ((byte*)&block->Registers - (byte*)block != 0x50 || sizeof(UserRegisters) != 0xB0 || (byte*)&block->Mxcsr - (byte*)block != 0x30 || (byte*)&block->UserTicks - (byte*)block != 0x40 || (byte*)&block->KernelRsp - (byte*)block != 0x10
            || (byte*)&thread->UserContext - (byte*)thread != 0xC8 || (byte*)&thread->UserSpace - (byte*)thread != 0xD0
            || (byte*)&cpu->KernelSyscallRsp - (byte*)cpu != 0x40 || (byte*)&cpu->UserSpace - (byte*)cpu != 0xB0)
        {
            Panic.Now("The layout of UserContextBlock differs from Offsets.txt"u8);
        }
    }
}
