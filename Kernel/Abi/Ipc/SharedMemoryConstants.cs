namespace CosmosKernel.Abi;

/// <summary>Numbers of shared memory (shmget(2), shmat(2), shmctl(2)).</summary>
public static class SharedMemoryConstants
{
    /// <summary>shmget: pages larger than 4096 bytes.</summary>
    public const int SHM_HUGETLB = 0x800;

    /// <summary>shmget: the memory is not promised beforehand.</summary>
    public const int SHM_NORESERVE = 0x1000;

    /// <summary>shmget with SHM_HUGETLB: where the logarithm of the size of the pages begins.</summary>
    public const int SHM_HUGE_SHIFT = 26;

    /// <summary>Its bits after that shift.</summary>
    public const int SHM_HUGE_MASK = 0x3F;

    /// <summary>shmat: for reading only.</summary>
    public const int SHM_RDONLY = 0x1000;

    /// <summary>shmat: round the address down.</summary>
    public const int SHM_RND = 0x2000;

    /// <summary>shmat: replace what is there.</summary>
    public const int SHM_REMAP = 0x4000;

    /// <summary>shmat: its contents can be executed.</summary>
    public const int SHM_EXEC = 0x8000;

    /// <summary>Mode: it goes with the last attachment.</summary>
    public const uint SHM_DEST = 0x200;

    /// <summary>Mode: its pages stay in memory.</summary>
    public const uint SHM_LOCKED = 0x400;

    /// <summary>shmctl: keep the pages in memory.</summary>
    public const int SHM_LOCK = 11;

    /// <summary>shmctl: end that.</summary>
    public const int SHM_UNLOCK = 12;

    /// <summary>shmctl: describe the object of an index.</summary>
    public const int SHM_STAT = 13;

    /// <summary>shmctl: what all segments use.</summary>
    public const int SHM_INFO = 14;

    /// <summary>shmctl: as SHM_STAT, without the permission to read.</summary>
    public const int SHM_STAT_ANY = 15;
}
