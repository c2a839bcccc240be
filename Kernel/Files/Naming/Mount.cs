using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Naming;

/// <summary>A file system, or a part of one, shown at a place of the tree (mount(2)). <see cref="MountTable"/> joins mounts to places.</summary>
public sealed class Mount
{
    /// <summary>The flags that a mount has for itself; all others belong to the file system or are orders.</summary>
    public const MountFlags OwnFlags = MountFlags.ReadOnly | MountFlags.NoSetId | MountFlags.NoDevices | MountFlags.NoExec | MountFlags.NoSymbolicLinks | MountFlags.NoAccessTime
        | MountFlags.NoDirectoryAccessTime | MountFlags.RelativeAccessTime | MountFlags.StrictAccessTime;

    private const int Gone = int.MinValue / 2;

    [Atomic]
    private static int s_lastId;

    [Atomic]
    private int _pins;

    [Atomic]
    private uint _flags;

    [Atomic]
    private bool _isDetached;

    [Atomic]
    private MountPlace? _place;

    /// <summary>Makes a mount that is nowhere yet. Task context.</summary>
    /// <param name="fileSystem">What it shows.</param>
    /// <param name="root">Its top: the file system's, or any directory or file of it for a bind mount.</param>
    /// <param name="flags">Only <see cref="OwnFlags"/>.</param>
    /// <param name="source">For /proc/mounts.</param>
    public Mount(FileSystem fileSystem, DirectoryEntry root, MountFlags flags, string source)
    {
        FileSystem = fileSystem;
        Root = root;
        Source = source;
        _flags = (uint)(flags & OwnFlags);
        fileSystem.MountMade();
        Id = Interlocked.Increment(ref s_lastId);
    }

    /// <summary>For /proc/PID/mountinfo and statx(2).</summary>
    public int Id { get; }

    /// <summary>What it shows.</summary>
    public FileSystem FileSystem { get; }

    /// <summary>Its top.</summary>
    public DirectoryEntry Root { get; }

    /// <summary>For /proc/mounts.</summary>
    public string Source { get; }

    /// <summary>It belongs to the kernel and is never in the tree: paths of its files begin at its top.</summary>
    public bool IsInternal { get; init; }

    /// <summary>Its flags. Any context.</summary>
    public MountFlags Flags => (MountFlags)Volatile.Read(ref _flags);

    /// <summary>Where it is; null for the top of all, and for one that was taken away. Any context.</summary>
    public MountPlace? Place => Volatile.Read(ref _place);

    /// <summary>Nothing can be written through it.</summary>
    public bool IsReadOnly => (Flags & MountFlags.ReadOnly) != 0;

    /// <summary>Something uses it besides its place in the tree: open files, working directories, mounts on it. A snapshot.</summary>
    public bool IsBusy => Volatile.Read(ref _pins) != 0;

    /// <summary>Begins a use. Any context but NMI.</summary>
    /// <returns>False when it was taken away.</returns>
    [NoAllocation]
    public bool TryPin()
    {
        int pins = Volatile.Read(ref _pins);
        while (pins >= 0)
        {
            int seen = Interlocked.CompareExchange(ref _pins, pins + 1, pins);
            if (seen == pins)
            {
                return true;
            }

            pins = seen;
        }

        return false;
    }

    /// <summary>Ends a use; with the last one of a mount that was taken away while in use, its file system may go. Task context.</summary>
    [MightSleep]
    public void Unpin()
    {
        if (Interlocked.Decrement(ref _pins) == 0 && Volatile.Read(ref _isDetached))
        {
            RetireDetached();
        }
    }

    /// <summary>It is in the tree no more, and goes when nothing uses it.</summary>
    [MightSleep]
    internal void SetDetached()
    {
        // A full fence: who ends the last use after this sees it, or the use had ended before.
        Volatile.Write(ref _isDetached, true);
        Interlocked.MemoryBarrier();
        RetireDetached();
    }

    /// <summary>Makes it unusable unless something uses it.</summary>
    [NoAllocation]
    internal bool TryRetire() => Interlocked.CompareExchange(ref _pins, Gone, 0) == 0;

    [MightSleep]
    private void RetireDetached()
    {
        if (TryRetire())
        {
            FileSystem.MountGone();
        }
    }

    [NoAllocation]
    internal void SetFlags(MountFlags flags) => Volatile.Write(ref _flags, (uint)(flags & OwnFlags));

    [NoAllocation]
    internal void SetPlace(MountPlace? place) => Volatile.Write(ref _place, place);
}
