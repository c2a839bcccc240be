using System.Runtime.InteropServices;

namespace CosmosKernel.Abi;

/// <summary>One operation of semop(2): <c>struct sembuf</c>, 6 bytes.</summary>
/// <param name="Number">Which semaphore of the set.</param>
/// <param name="Change">What is added; 0 waits for zero.</param>
/// <param name="Flags">IPC_NOWAIT, SEM_UNDO.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct SemaphoreOperation(ushort Number, short Change, short Flags);

/// <summary>A set of semaphores: <c>struct semid_ds</c>, 104 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SemaphoreSetDescription
{
    /// <summary>Owner and permissions.</summary>
    public IpcPermission Permission;

    /// <summary>Last semop(2), seconds since 1970; 0 for never.</summary>
    public long OperationTime;

    private readonly ulong _unused1;

    /// <summary>Creation, or last change by semctl(2).</summary>
    public long ChangeTime;

    private readonly ulong _unused2;

    /// <summary>Semaphores.</summary>
    public ulong Count;

    private readonly ulong _unused3;
    private readonly ulong _unused4;
}

/// <summary>Limits of semaphores, and what they use: <c>struct seminfo</c>, 40 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SemaphoreInformation
{
    /// <summary>SEMMAP; means nothing.</summary>
    public int Map;

    /// <summary>Most sets.</summary>
    public int MostSets;

    /// <summary>Most semaphores of all sets.</summary>
    public int MostSemaphores;

    /// <summary>SEMMNU; means nothing.</summary>
    public int MostUndoLists;

    /// <summary>Most semaphores of a set.</summary>
    public int MostOfSet;

    /// <summary>Most operations of a call.</summary>
    public int MostOperations;

    /// <summary>SEMUME; means nothing.</summary>
    public int MostUndos;

    /// <summary>SEMUSZ, or with SEM_INFO: sets that there are.</summary>
    public int UndoBytesOrSets;

    /// <summary>Greatest value.</summary>
    public int MostValue;

    /// <summary>SEMAEM, or with SEM_INFO: semaphores that there are.</summary>
    public int MostAdjustmentOrSemaphores;
}
