using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Naming;

/// <summary>
/// Counts directories that got another parent. A walk that may not leave a directory (openat2(2), RESOLVE_BENEATH) fails with EAGAIN if one did meanwhile: it may have gone up from a place that had been
/// moved out.
/// </summary>
internal static class DirectoryMoves
{
    [Atomic]
    private static ulong s_count;

    /// <summary>Moves so far. Any context.</summary>
    public static ulong Count => Volatile.Read(ref s_count);

    /// <summary>A directory is about to move, or mounts are about to. Any context.</summary>
    [NoAllocation]
    public static void Note() => Interlocked.Increment(ref s_count);
}
