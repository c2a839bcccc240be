namespace CosmosKernel.Abi;

/// <summary>Numbers of semaphores (semop(2), semctl(2)).</summary>
public static class SemaphoreConstants
{
    /// <summary>The operation is taken back when the process ends.</summary>
    public const int SEM_UNDO = 0x1000;

    /// <summary>semctl: the process that changed it last.</summary>
    public const int GETPID = 11;

    /// <summary>semctl: the value.</summary>
    public const int GETVAL = 12;

    /// <summary>semctl: all values.</summary>
    public const int GETALL = 13;

    /// <summary>semctl: how many wait for a greater value.</summary>
    public const int GETNCNT = 14;

    /// <summary>semctl: how many wait for zero.</summary>
    public const int GETZCNT = 15;

    /// <summary>semctl: set the value.</summary>
    public const int SETVAL = 16;

    /// <summary>semctl: set all values.</summary>
    public const int SETALL = 17;

    /// <summary>semctl: describe the object of an index.</summary>
    public const int SEM_STAT = 18;

    /// <summary>semctl: what all sets use.</summary>
    public const int SEM_INFO = 19;

    /// <summary>semctl: as SEM_STAT, without the permission to read.</summary>
    public const int SEM_STAT_ANY = 20;

    /// <summary>SEMVMX, SEMAEM: the greatest value, and the greatest amount that is taken back.</summary>
    public const int MostValue = 32767;

    /// <summary>SEMUSZ, what IPC_INFO says of it.</summary>
    public const int UndoBytes = 20;

    /// <summary>SEMUME, what IPC_INFO says of it.</summary>
    public const int MostUndos = 500;

    /// <summary>SEMMNU and SEMMAP, what IPC_INFO says of them.</summary>
    public const int MostUndoLists = 1_024_000_000;
}
