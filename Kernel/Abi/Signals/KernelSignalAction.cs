using System.Runtime.InteropServices;

namespace CosmosKernel.Abi;

/// <summary>What a process does about a signal, as rt_sigaction(2) passes it: the kernel's <c>struct sigaction</c>, 32 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct KernelSignalAction
{
    /// <summary>SIG_DFL: the default action of the signal.</summary>
    public const ulong Default = 0;

    /// <summary>SIG_IGN: nothing.</summary>
    public const ulong Ignore = 1;

    /// <summary>Address of the handler, or <see cref="Default"/> or <see cref="Ignore"/>.</summary>
    public ulong Handler;

    /// <summary><see cref="SignalActionFlags"/>.</summary>
    public ulong Flags;

    /// <summary>Address of the code that a handler returns to, which calls rt_sigreturn(2).</summary>
    public ulong Restorer;

    /// <summary>Signals that are blocked while the handler runs.</summary>
    public ulong Mask;
}
