using System.Runtime;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Runtime.Native;

/// <summary>The X# memory routines (<c>Memory.xs</c>), which CoreLib also calls by their C names. Any context.</summary>
internal static unsafe class MemoryOperations
{
    /// <summary>Sets <paramref name="size"/> bytes to 0.</summary>
    public static void Clear(void* destination, nuint size) => _ = Set(destination, 0, size);

    /// <summary>Copies <paramref name="size"/> bytes; the ranges may overlap. Aligned 8-byte units are never torn.</summary>
    [RuntimeImport("memmove")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void* Move(void* destination, void* source, nuint size);

    [RuntimeImport("memset")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void* Set(void* destination, int value, nuint size);
}
