namespace CosmosKernel.Runtime.Heap;

/// <summary>Switches for finding bugs, off unless a boot option or a test sets them.</summary>
public static class HeapOptions
{
    /// <summary>What a freed cell is filled with: odd, so that it looks half-made, and no address of anything.</summary>
    internal const ulong Poison = 0xDBDB_DBDB_DBDB_DBDB;

    private static bool s_poison;
    private static bool s_verify;

    /// <summary>Fill freed cells with a pattern, so that a use after free is seen at once.</summary>
    public static bool PoisonFreedCells
    {
        get => s_poison;
        set => s_poison = value;
    }

    /// <summary>Check every reference at the end of each collection.</summary>
    public static bool VerifyCollections
    {
        get => s_verify;
        set => s_verify = value;
    }
}
