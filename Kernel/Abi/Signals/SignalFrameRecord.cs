using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CosmosKernel.Abi;

/// <summary>
/// What a signal's handler finds on its stack: return address, <c>ucontext_t</c> from byte 8, <c>siginfo_t</c> from byte 312; the kernel's <c>struct rt_sigframe</c> on x86-64, 440 bytes. The extended state lies above it.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct SignalFrameRecord
{
    /// <summary>Where the handler returns to: a call of rt_sigreturn(2).</summary>
    public ulong ReturnAddress;

    /// <summary><c>uc_flags</c>.</summary>
    public ulong Flags;

    /// <summary><c>uc_link</c>: 0.</summary>
    public ulong Link;

    /// <summary><c>uc_stack</c>: the alternate stack of the moment.</summary>
    public SignalStack AlternateStack;

    /// <summary><c>uc_mcontext</c>.</summary>
    public SignalRegisters Registers;

    /// <summary><c>uc_sigmask</c>: the signals that were blocked.</summary>
    public ulong Mask;

    /// <summary><c>siginfo_t</c>, as far as any signal uses it.</summary>
    public SignalInfo Info;

    private readonly InfoRest _rest;

    [InlineArray((SignalInfo.Bytes - SignalInfo.UsedBytes) / sizeof(ulong))]
    private struct InfoRest
    {
        private ulong _first;
    }
}
