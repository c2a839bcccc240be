namespace CosmosKernel.Processes.Memory;

/// <summary>Pages of a range that are in memory, for smaps (proc(5)).</summary>
public struct AreaUse
{
    /// <summary>All.</summary>
    public ulong Resident { get; private set; }

    /// <summary>Only here, and not written to.</summary>
    public ulong PrivateClean { get; private set; }

    /// <summary>Only here, and written to.</summary>
    public ulong PrivateDirty { get; private set; }

    /// <summary>Also elsewhere, and not written to.</summary>
    public ulong SharedClean { get; private set; }

    /// <summary>Also elsewhere, and written to.</summary>
    public ulong SharedDirty { get; private set; }

    /// <summary>Touched.</summary>
    public ulong Referenced { get; private set; }

    /// <summary>Of two ranges together.</summary>
    public static AreaUse operator +(in AreaUse left, in AreaUse right) => new()
    {
        Resident = left.Resident + right.Resident,
        PrivateClean = left.PrivateClean + right.PrivateClean,
        PrivateDirty = left.PrivateDirty + right.PrivateDirty,
        SharedClean = left.SharedClean + right.SharedClean,
        SharedDirty = left.SharedDirty + right.SharedDirty,
        Referenced = left.Referenced + right.Referenced,
    };

    /// <summary>Counts a page.</summary>
    /// <param name="shared">Somebody else has it too.</param>
    /// <param name="dirty">It was written to.</param>
    /// <param name="accessed">It was touched.</param>
    internal void Add(bool shared, bool dirty, bool accessed)
    {
        Resident++;
        Referenced += accessed ? 1ul : 0;
        if (shared)
        {
            SharedDirty += dirty ? 1ul : 0;
            SharedClean += dirty ? 0ul : 1;
        }
        else
        {
            PrivateDirty += dirty ? 1ul : 0;
            PrivateClean += dirty ? 0ul : 1;
        }
    }
}
