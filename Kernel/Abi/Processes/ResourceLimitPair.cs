using System.Runtime.InteropServices;

namespace CosmosKernel.Abi;

/// <summary>A resource limit: <c>struct rlimit</c> (getrlimit(2)), 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ResourceLimitPair
{
    /// <summary>The soft limit: what counts.</summary>
    public ulong Current;

    /// <summary>The hard limit: how far the soft one may be raised.</summary>
    public ulong Maximum;
}
