using CosmosKernel.Files.Descriptors;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Locks;

/// <summary>A lease on a file (fcntl(2), F_SETLEASE): its holder is told before somebody else opens the file in a way that conflicts.</summary>
internal sealed class FileLease(OpenFile file, int process, int descriptor)
{
    /// <summary>The holder.</summary>
    public OpenFile File { get; } = file;

    /// <summary>Who set it, for /proc/locks.</summary>
    public int Process { get; } = process;

    /// <summary>What the signal names.</summary>
    public int Descriptor { get; } = descriptor;

    /// <summary>Read or write.</summary>
    [GuardedBy(typeof(InodeLeases), "_lock")]
    public FileLockAccess Access { get; set; }

    /// <summary>What it must become for who waits; the same as <see cref="Access"/> when nobody does.</summary>
    [GuardedBy(typeof(InodeLeases), "_lock")]
    public FileLockAccess Wanted { get; set; }

    /// <summary>When it becomes that by itself, in nanoseconds of the monotonic clock.</summary>
    [GuardedBy(typeof(InodeLeases), "_lock")]
    public ulong Deadline { get; set; }
}
