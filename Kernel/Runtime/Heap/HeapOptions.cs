using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Heap;

/// <summary>Switches for finding bugs, off unless a boot option or a test sets them. Any context.</summary>
[Atomic]
public static class HeapOptions
{
    /// <summary>What a freed cell is filled with: odd, so that it looks half-made, and no address of anything.</summary>
    internal const ulong Poison = 0xDBDB_DBDB_DBDB_DBDB;

    private static bool s_poison;
    private static bool s_verify;
    private static int s_verifiers;

    /// <summary>Fill freed cells with a pattern, so that a use after free is seen at once.</summary>
    public static bool PoisonFreedCells
    {
        get => Volatile.Read(ref s_poison);
        set => Volatile.Write(ref s_poison, value);
    }

    /// <summary>Check every reference at the end of each collection.</summary>
    public static bool VerifyCollections
    {
        get => Volatile.Read(ref s_verify) || Volatile.Read(ref s_verifiers) != 0;
        set => Volatile.Write(ref s_verify, value);
    }

    /// <summary>Collections are checked until <see cref="EndVerification"/>, whatever the switch says. Several tasks may have begun.</summary>
    internal static void BeginVerification() => Interlocked.Increment(ref s_verifiers);

    /// <summary>The counterpart of <see cref="BeginVerification"/>.</summary>
    internal static void EndVerification() => Interlocked.Decrement(ref s_verifiers);
}
