using System.Runtime.InteropServices;

namespace CosmosKernel.Machine.UserMode;

/// <summary>
/// The general registers of user mode. The order is that of <see cref="Interrupts.InterruptFrame"/>: the entries of interrupts, exceptions and SYSCALL store them here directly.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct UserRegisters
{
    /// <summary>R15.</summary>
    public ulong R15;

    /// <summary>R14.</summary>
    public ulong R14;

    /// <summary>R13.</summary>
    public ulong R13;

    /// <summary>R12.</summary>
    public ulong R12;

    /// <summary>R11. SYSCALL leaves the flags there, so a system call that changes nothing gives the caller its flags in it.</summary>
    public ulong R11;

    /// <summary>R10: fourth argument of a system call.</summary>
    public ulong R10;

    /// <summary>R9: sixth argument of a system call.</summary>
    public ulong R9;

    /// <summary>R8: fifth argument of a system call.</summary>
    public ulong R8;

    /// <summary>RBP.</summary>
    public ulong Rbp;

    /// <summary>RDI: first argument of a system call.</summary>
    public ulong Rdi;

    /// <summary>RSI: second argument of a system call.</summary>
    public ulong Rsi;

    /// <summary>RDX: third argument of a system call.</summary>
    public ulong Rdx;

    /// <summary>RCX. SYSCALL leaves the return address there.</summary>
    public ulong Rcx;

    /// <summary>RBX.</summary>
    public ulong Rbx;

    /// <summary>RAX: number of a system call on entry, its result on the way back.</summary>
    public ulong Rax;

    /// <summary>How user mode was left: the exception's or interrupt's vector, or <see cref="SystemCallVector"/>.</summary>
    public ulong Vector;

    /// <summary>Error code of the exception, 0 for vectors without one and for system calls.</summary>
    public ulong ErrorCode;

    /// <summary>Instruction pointer. One that is not canonical raises #GP in user mode at the next way there.</summary>
    public ulong Rip;

    /// <summary>Code segment, <see cref="UserCode"/>: the value stored here does not reach the CPU.</summary>
    public ulong Cs;

    /// <summary>Flags. Those that belong to the kernel (IF, IOPL, NT, VM) do not reach the CPU from here.</summary>
    public ulong Rflags;

    /// <summary>Stack pointer.</summary>
    public ulong Rsp;

    /// <summary>Stack segment, <see cref="UserData"/>: the value stored here does not reach the CPU.</summary>
    public ulong Ss;

    /// <summary>What <see cref="Vector"/> is after a SYSCALL.</summary>
    public const ulong SystemCallVector = 0x100;

    /// <summary>Selector of user code: 64-bit, DPL 3.</summary>
    public const ushort UserCode = 0x23;

    /// <summary>Selector of user data and stack, DPL 3.</summary>
    public const ushort UserData = 0x1B;

    /// <summary>The flags that user mode may set through a signal frame: CF PF AF ZF SF TF DF OF RF AC.</summary>
    public const ulong UserFlags = 0x0005_0DD5;
}
