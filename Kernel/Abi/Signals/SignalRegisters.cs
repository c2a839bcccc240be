using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CosmosKernel.Abi;

/// <summary>The interrupted registers in a signal's frame: <c>struct sigcontext</c> on x86-64, 256 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SignalRegisters
{
    /// <summary>R8.</summary>
    public ulong R8;

    /// <summary>R9.</summary>
    public ulong R9;

    /// <summary>R10.</summary>
    public ulong R10;

    /// <summary>R11.</summary>
    public ulong R11;

    /// <summary>R12.</summary>
    public ulong R12;

    /// <summary>R13.</summary>
    public ulong R13;

    /// <summary>R14.</summary>
    public ulong R14;

    /// <summary>R15.</summary>
    public ulong R15;

    /// <summary>RDI.</summary>
    public ulong Rdi;

    /// <summary>RSI.</summary>
    public ulong Rsi;

    /// <summary>RBP.</summary>
    public ulong Rbp;

    /// <summary>RBX.</summary>
    public ulong Rbx;

    /// <summary>RDX.</summary>
    public ulong Rdx;

    /// <summary>RAX.</summary>
    public ulong Rax;

    /// <summary>RCX.</summary>
    public ulong Rcx;

    /// <summary>RSP.</summary>
    public ulong Rsp;

    /// <summary>RIP.</summary>
    public ulong Rip;

    /// <summary>RFLAGS.</summary>
    public ulong Rflags;

    /// <summary>CS, GS, FS and SS, 16 bits each, CS lowest.</summary>
    public ulong Segments;

    /// <summary>Error code of the exception that caused the signal last.</summary>
    public ulong ErrorCode;

    /// <summary>Its vector.</summary>
    public ulong TrapNumber;

    /// <summary>The blocked signals, once more.</summary>
    public ulong OldMask;

    /// <summary>CR2.</summary>
    public ulong FaultAddress;

    /// <summary>Address of the extended state; 0 for none.</summary>
    public ulong State;

    private readonly Reserved _reserved;

    [InlineArray(8)]
    private struct Reserved
    {
        private ulong _first;
    }
}
