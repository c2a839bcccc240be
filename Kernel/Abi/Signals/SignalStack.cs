using System.Runtime.InteropServices;

namespace CosmosKernel.Abi;

/// <summary>An alternate stack for handlers: <c>stack_t</c> (sigaltstack(2)), 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SignalStack
{
    /// <summary>The thread runs on it.</summary>
    public const int SS_ONSTACK = 1;

    /// <summary>There is none.</summary>
    public const int SS_DISABLE = 2;

    /// <summary>It is taken away while a handler runs on it.</summary>
    public const int SS_AUTODISARM = unchecked((int)0x80000000);

    /// <summary>The least size that is accepted, bytes.</summary>
    public const ulong MINSIGSTKSZ = 2048;

    /// <summary>Its lowest address.</summary>
    public ulong Address;

    /// <summary>SS_*.</summary>
    public int Flags;

    private readonly int _padding;

    /// <summary>Its size, bytes.</summary>
    public ulong Size;
}
