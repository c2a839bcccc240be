using System.Runtime.InteropServices;

namespace CosmosKernel.Machine.Interrupts;

/// <summary>
/// What the entry code leaves on the stack: the general registers and what the CPU pushed (Intel SDM vol. 3A, 7.14). The vector state, 512 bytes laid out as FXSAVE does,
/// lies below it at the next 16-byte boundary; interrupts and exceptions fill in MXCSR and XMM registers only.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct InterruptFrame
{
    /// <summary>R15.</summary>
    public ulong R15;

    /// <summary>R14.</summary>
    public ulong R14;

    /// <summary>R13.</summary>
    public ulong R13;

    /// <summary>R12.</summary>
    public ulong R12;

    /// <summary>R11.</summary>
    public ulong R11;

    /// <summary>R10.</summary>
    public ulong R10;

    /// <summary>R9.</summary>
    public ulong R9;

    /// <summary>R8.</summary>
    public ulong R8;

    /// <summary>RBP.</summary>
    public ulong Rbp;

    /// <summary>RDI.</summary>
    public ulong Rdi;

    /// <summary>RSI.</summary>
    public ulong Rsi;

    /// <summary>RDX.</summary>
    public ulong Rdx;

    /// <summary>RCX.</summary>
    public ulong Rcx;

    /// <summary>RBX.</summary>
    public ulong Rbx;

    /// <summary>RAX.</summary>
    public ulong Rax;

    /// <summary>Vector, 0 to 255.</summary>
    public ulong Vector;

    /// <summary>Error code, 0 for vectors without one.</summary>
    public ulong ErrorCode;

    /// <summary>Instruction pointer.</summary>
    public ulong Rip;

    /// <summary>Code segment.</summary>
    public ulong Cs;

    /// <summary>Flags.</summary>
    public ulong Rflags;

    /// <summary>Stack pointer.</summary>
    public ulong Rsp;

    /// <summary>Stack segment.</summary>
    public ulong Ss;

    /// <summary>The vector state that belongs to a frame, as FXSAVE lays it out.</summary>
    public static byte* VectorState(InterruptFrame* frame) => (byte*)(((nuint)frame - 512) & ~(nuint)15);
}
