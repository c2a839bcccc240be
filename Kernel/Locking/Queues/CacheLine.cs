using System.Runtime.CompilerServices;

namespace CosmosKernel.Locking;

/// <summary>One cache line of nothing: between fields that different CPUs write, so that one's stores do not take the line from the other.</summary>
[InlineArray(Bytes / sizeof(ulong))]
internal struct CacheLine
{
    /// <summary>Bytes of a cache line of every x86-64 CPU.</summary>
    public const int Bytes = 64;

    private ulong _first;
}
