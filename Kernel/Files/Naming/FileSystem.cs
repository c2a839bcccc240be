using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Notification;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Naming;

/// <summary>One file system that is, or can be, mounted: a tree of inodes. Methods are called in task context.</summary>
public abstract class FileSystem
{
    private static readonly LockClass s_renameClass = LockClasses.Register("rename");

    // Minor of the next file system without a device; major 0, as Linux numbers them.
    [Atomic]
    private static int s_lastMinor;

    /// <summary>Makes a file system and gives it a device number.</summary>
    protected FileSystem(FileSystemType type)
    {
        Type = type;
        Device = new DeviceNumber(0, (uint)Interlocked.Increment(ref s_lastMinor));
    }

    [Atomic]
    private int _mounts;

    /// <summary>Its type.</summary>
    public FileSystemType Type { get; }

    /// <summary>What st_dev shows for its inodes.</summary>
    public DeviceNumber Device { get; }

    /// <summary>The directory at its top. The same object each time.</summary>
    public abstract Inode Root { get; }

    /// <summary>Held by a rename from one directory to another, before the two <see cref="Inode.DirectoryLock"/>: meanwhile nobody else holds two of them, and no directory of this file system gets another parent.</summary>
    public Mutex RenameLock { get; } = new("rename", s_renameClass);

    /// <summary>The entry at its top, when the kernel itself keeps one for good; null when mounts have it.</summary>
    [Protocol("Set before the first mount.")]
    internal DirectoryEntry? KeptRoot { get; set; }

    /// <summary>Who watches inodes of it.</summary>
    internal WatchSet Watches { get; } = new();

    /// <summary>Its options for /proc/mounts, without those of the mount: such as <c>size=1024k</c>; empty for none.</summary>
    public virtual string Options => "";

    /// <summary>Its inodes keep extended attributes (xattr(7)) in memory.</summary>
    public virtual bool KeepsExtendedAttributes => false;

    /// <summary>What statfs(2) tells.</summary>
    public abstract void GetStatistics(out FileSystemStatistics statistics);

    /// <summary>Changes its options (mount(2), MS_REMOUNT).</summary>
    /// <param name="options">Comma-separated, ASCII.</param>
    /// <returns>EINVAL: an option that is not known or cannot be changed. Default: Ok for no options.</returns>
    [MightSleep]
    public virtual Errno Remount(string options) => options.Length == 0 ? Errno.Ok : Errno.EINVAL;

    /// <summary>Writes back what has not been written. Default: nothing is to be done, because all is in memory.</summary>
    [MightSleep]
    public virtual Errno Sync() => Errno.Ok;

    /// <summary>There is one more mount of it. Any context.</summary>
    [NoAllocation]
    internal void MountMade()
    {
        if (Interlocked.Increment(ref _mounts) == 1)
        {
            // Whoever mounts a module's file system is using the module already, so this cannot fail.
            Type.Owner?.TryGet();
        }
    }

    /// <summary>A mount of it is gone, and nothing uses that.</summary>
    [MightSleep]
    internal void MountGone()
    {
        if (Interlocked.Decrement(ref _mounts) == 0)
        {
            FileNotify.Unmounted(this);
            try
            {
                Unmounted();
            }
            finally
            {
                Type.Owner?.Put();
            }
        }
    }

    /// <summary>The last mount is gone and nothing is open: gives back what the collector does not free. Once.</summary>
    [MightSleep]
    public virtual void Unmounted()
    {
    }
}
