using System.Runtime.InteropServices;

namespace CosmosKernel.Abi;

/// <summary>A segment of shared memory: <c>struct shmid_ds</c>, 112 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SharedMemoryDescription
{
    /// <summary>Owner and permissions.</summary>
    public IpcPermission Permission;

    /// <summary>Bytes, as asked for.</summary>
    public ulong Size;

    /// <summary>Last attachment, seconds since 1970.</summary>
    public long AttachTime;

    /// <summary>Last detachment.</summary>
    public long DetachTime;

    /// <summary>Creation, or last IPC_SET.</summary>
    public long ChangeTime;

    /// <summary>The process that made it.</summary>
    public int CreatorId;

    /// <summary>The process that attached or detached last.</summary>
    public int LastId;

    /// <summary>Attachments.</summary>
    public ulong Attachments;

    private readonly ulong _unused4;
    private readonly ulong _unused5;
}

/// <summary>Limits of shared memory: <c>struct shminfo</c>, 72 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SharedMemoryLimits
{
    /// <summary>Most bytes of a segment.</summary>
    public ulong MostBytes;

    /// <summary>Least bytes of one.</summary>
    public ulong LeastBytes;

    /// <summary>Most segments.</summary>
    public ulong MostSegments;

    /// <summary>Most segments of a process: as many.</summary>
    public ulong MostOfProcess;

    /// <summary>Most pages of all segments.</summary>
    public ulong MostPages;

    private readonly ulong _unused1;
    private readonly ulong _unused2;
    private readonly ulong _unused3;
    private readonly ulong _unused4;
}

/// <summary>What shared memory uses: <c>struct shm_info</c>, 48 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SharedMemoryUse
{
    /// <summary>Segments.</summary>
    public int Segments;

    private readonly int _padding;

    /// <summary>Their pages.</summary>
    public ulong Pages;

    /// <summary>Pages that are in memory.</summary>
    public ulong Resident;

    private readonly ulong _swapped;
    private readonly ulong _swapAttempts;
    private readonly ulong _swapSuccesses;
}
