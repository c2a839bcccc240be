using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Naming;

/// <summary>Hash of a component's bytes (FNV-1a, 32 bits, mixed once more so that low bits are good).</summary>
internal static class NameHash
{
    /// <summary>The hash. Any context.</summary>
    [NoAllocation]
    public static uint Of(ReadOnlySpan<byte> name)
    {
        uint hash = 2166136261;
        foreach (byte one in name)
        {
            hash = (hash ^ one) * 16777619;
        }

        return hash ^ (hash >> 15);
    }
}
