using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Ipc;

/// <summary>The limits of System V objects (/proc/sys/kernel), with Linux's values to begin with. Any context.</summary>
public static class IpcLimits
{
    // Half of what a 64-bit number can hold would do; Linux keeps so much below all of it.
    private const ulong NoLimit = ulong.MaxValue - (1ul << 24);

    [Atomic]
    private static ulong s_segmentBytes = NoLimit;

    [Atomic]
    private static ulong s_segmentPages = NoLimit;

    [Atomic]
    private static int s_segments = 4096;

    [Atomic]
    private static bool s_removesUnattached;

    [Atomic]
    private static int s_semaphoresOfSet = 32_000;

    [Atomic]
    private static int s_semaphores = 1_024_000_000;

    [Atomic]
    private static int s_operations = 500;

    [Atomic]
    private static int s_sets = 32_000;

    [Atomic]
    private static int s_messageBytes = 8192;

    [Atomic]
    private static int s_queueBytes = 16_384;

    [Atomic]
    private static int s_queues = 32_000;

    /// <summary>shmmax: most bytes of a segment.</summary>
    public static ulong SegmentBytes
    {
        get => Volatile.Read(ref s_segmentBytes);
        set => Volatile.Write(ref s_segmentBytes, value);
    }

    /// <summary>shmall: most pages of all segments.</summary>
    public static ulong SegmentPages
    {
        get => Volatile.Read(ref s_segmentPages);
        set => Volatile.Write(ref s_segmentPages, value);
    }

    /// <summary>shmmni: most segments.</summary>
    public static int Segments
    {
        get => Volatile.Read(ref s_segments);
        set => Volatile.Write(ref s_segments, value);
    }

    /// <summary>shm_rmid_forced: a segment goes with its last attachment, and with its maker if it has none.</summary>
    public static bool RemovesUnattached
    {
        get => Volatile.Read(ref s_removesUnattached);
        set => Volatile.Write(ref s_removesUnattached, value);
    }

    /// <summary>SEMMSL, the first number of sem: most semaphores of a set.</summary>
    public static int SemaphoresOfSet
    {
        get => Volatile.Read(ref s_semaphoresOfSet);
        set => Volatile.Write(ref s_semaphoresOfSet, value);
    }

    /// <summary>SEMMNS, the second: most semaphores of all sets.</summary>
    public static int Semaphores
    {
        get => Volatile.Read(ref s_semaphores);
        set => Volatile.Write(ref s_semaphores, value);
    }

    /// <summary>SEMOPM, the third: most operations of one semop(2).</summary>
    public static int Operations
    {
        get => Volatile.Read(ref s_operations);
        set => Volatile.Write(ref s_operations, value);
    }

    /// <summary>SEMMNI, the fourth: most sets.</summary>
    public static int Sets
    {
        get => Volatile.Read(ref s_sets);
        set => Volatile.Write(ref s_sets, value);
    }

    /// <summary>msgmax: most bytes of a message.</summary>
    public static int MessageBytes
    {
        get => Volatile.Read(ref s_messageBytes);
        set => Volatile.Write(ref s_messageBytes, value);
    }

    /// <summary>msgmnb: most bytes of a queue when it is made, and what IPC_SET may set without CAP_SYS_RESOURCE.</summary>
    public static int QueueBytes
    {
        get => Volatile.Read(ref s_queueBytes);
        set => Volatile.Write(ref s_queueBytes, value);
    }

    /// <summary>msgmni: most queues.</summary>
    public static int Queues
    {
        get => Volatile.Read(ref s_queues);
        set => Volatile.Write(ref s_queues, value);
    }
}
