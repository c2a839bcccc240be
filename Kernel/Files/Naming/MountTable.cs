using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Naming;

/// <summary>
/// Which mount is where. There is one tree of mounts for all processes. Readers take no lock: the list is replaced as a whole. Of several mounts on one place the last one is seen.
/// </summary>
public static class MountTable
{
    private static readonly Mutex s_lock = new("mounts");

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static Mount[] s_mounts = [];

    /// <summary>All mounts in the order in which they were made; the root first. Any context.</summary>
    public static ReadOnlySpan<Mount> All => Volatile.Read(ref s_mounts);

    /// <summary>The mount that is seen at a place; null for none. Any context.</summary>
    [NoAllocation]
    public static Mount? Find(in VfsPath path)
    {
        Mount[] mounts = Volatile.Read(ref s_mounts);
        for (int i = mounts.Length - 1; i >= 0; i--)
        {
            if (mounts[i].Place is { } place && ReferenceEquals(place.Entry, path.Entry) && ReferenceEquals(place.Parent, path.Mount))
            {
                return mounts[i];
            }
        }

        return null;
    }

    /// <summary>Makes the mount that is the top of everything. Once, at boot.</summary>
    [MightSleep]
    public static Mount MountRoot(FileSystem fileSystem, string source)
    {
        var mount = new Mount(fileSystem, new DirectoryEntry(null, [], fileSystem.Root), MountFlags.None, source);
        mount.Root.TryPin();
        using (s_lock.Enter())
        {
            Volatile.Write(ref s_mounts, [.. s_mounts, mount]);
        }

        return mount;
    }

    /// <summary>Puts a mount at a place.</summary>
    /// <param name="mount">A new one.</param>
    /// <param name="path">A directory for a directory, else something that is none.</param>
    /// <returns>ENOTDIR; ENOENT: the place was removed.</returns>
    [MightSleep]
    internal static Errno Attach(Mount mount, in VfsPath path) => Change(path, new Addition(mount));

    /// <summary>Moves a mount with all mounts on it to another place (mount(2), MS_MOVE).</summary>
    /// <returns>EINVAL: the mount is nowhere; ELOOP: the place is on it; ENOTDIR; ENOENT.</returns>
    [MightSleep]
    internal static Errno Move(Mount mount, in VfsPath path) => Change(path, new Relocation(mount));

    /// <summary>Exchanges the top of everything (pivot_root(2)).</summary>
    /// <param name="newRoot">The top of a mount.</param>
    /// <param name="oldRoot">The present root, the top of a mount.</param>
    /// <param name="putOld">Where the present root goes; below the new one.</param>
    /// <returns>EINVAL.</returns>
    [MightSleep]
    internal static Errno Pivot(in VfsPath newRoot, in VfsPath oldRoot, in VfsPath putOld) => Change(putOld, new Exchange(newRoot.Mount, oldRoot.Mount));

    /// <summary>Takes a mount away (umount2(2)).</summary>
    /// <param name="mount">The mount.</param>
    /// <param name="isLazy">MNT_DETACH: even if it is in use; all mounts on it go too.</param>
    /// <returns>EBUSY; EINVAL: it is not there any more, or is the root of all.</returns>
    [MightSleep]
    internal static Errno Detach(Mount mount, bool isLazy)
    {
        using (s_lock.Enter())
        {
            if (mount.Place is null || Array.IndexOf(s_mounts, mount) < 0)
            {
                return Errno.EINVAL;
            }

            if (!isLazy && !mount.TryRetire())
            {
                return Errno.EBUSY;
            }

            DirectoryMoves.Note();
            TakeOut(mount, isRetired: !isLazy);
        }

        return Errno.Ok;
    }

    // With the lock of the directory that the place is in, so that nobody removes the place meanwhile.
    [MightSleep]
    private static Errno Change(in VfsPath path, Step step)
    {
        while (true)
        {
            if (path.Entry.Parent is not { } parent)
            {
                return ChangeLocked(path, step);
            }

            using (parent.Inode!.DirectoryLock.Enter())
            {
                if (ReferenceEquals(path.Entry.Parent, parent))
                {
                    return path.Entry.IsDeleted ? Errno.ENOENT : ChangeLocked(path, step);
                }
            }
        }
    }

    [MightSleep]
    private static Errno ChangeLocked(in VfsPath path, Step step)
    {
        if (step.Mount.Root.Inode!.IsDirectory != path.Inode!.IsDirectory)
        {
            return Errno.ENOTDIR;
        }

        using (s_lock.Enter())
        {
            if (!step.IsAllowed(path, out Errno error))
            {
                return error;
            }

            // All that there may be no memory for comes first.
            MountPlace place = new(path.Mount, path.Entry);
            Mount[] mounts = step is Addition ? [.. s_mounts, step.Mount] : s_mounts;
            if (!path.TryPin())
            {
                return Errno.ENOENT;
            }

            DirectoryMoves.Note();
            path.Entry.ChangeMounts(1);
            MountPlace? old = step.Mount.Place;
            step.Mount.SetPlace(place);
            if (step is Addition)
            {
                step.Mount.Root.TryPin();
                Volatile.Write(ref s_mounts, mounts);
            }
            else if (step is Exchange exchange)
            {
                old = exchange.NewRoot.Place;
                exchange.NewRoot.SetPlace(null);
            }

            if (old is not null)
            {
                Leave(old);
            }

            return Errno.Ok;
        }
    }

    [RequiresLock(nameof(s_lock))]
    private static void Leave(MountPlace place)
    {
        place.Entry.ChangeMounts(-1);
        new VfsPath(place.Parent, place.Entry).Unpin();
    }

    [RequiresLock(nameof(s_lock))]
    [MightSleep]
    private static void TakeOut(Mount mount, bool isRetired)
    {
        // Those on it first, when it goes although it is in use.
        if (!isRetired)
        {
            foreach (Mount other in s_mounts)
            {
                if (ReferenceEquals(other.Place?.Parent, mount))
                {
                    TakeOut(other, isRetired: false);
                }
            }
        }

        // Before anything changes: there may be no memory for it.
        var left = new Mount[s_mounts.Length - 1];
        if (mount.Place is { } place)
        {
            mount.SetPlace(null);
            Leave(place);
        }

        int count = 0;
        foreach (Mount other in s_mounts)
        {
            if (!ReferenceEquals(other, mount))
            {
                left[count++] = other;
            }
        }

        Volatile.Write(ref s_mounts, left);
        mount.Root.Unpin();
        if (isRetired)
        {
            mount.FileSystem.MountGone();
        }
        else
        {
            mount.SetDetached();
        }
    }

    // A change of the tree: the mount that gets the place.
    private abstract class Step(Mount mount)
    {
        public Mount Mount { get; } = mount;

        public virtual bool IsAllowed(in VfsPath path, out Errno error)
        {
            error = Errno.Ok;
            return true;
        }
    }

    private sealed class Addition(Mount mount) : Step(mount);

    private sealed class Relocation(Mount mount) : Step(mount)
    {
        public override bool IsAllowed(in VfsPath path, out Errno error)
        {
            error = Mount.Place is null ? Errno.EINVAL : Errno.Ok;

            // Not onto itself or what is mounted on it.
            for (Mount? at = path.Mount; at is not null; at = at.Place?.Parent)
            {
                if (ReferenceEquals(at, Mount))
                {
                    error = Errno.ELOOP;
                }
            }

            return error == Errno.Ok;
        }
    }

    private sealed class Exchange(Mount newRoot, Mount oldRoot) : Step(oldRoot)
    {
        public Mount NewRoot { get; } = newRoot;

        public override bool IsAllowed(in VfsPath path, out Errno error)
        {
            bool isBelow = false;
            for (Mount? at = path.Mount; at is not null; at = at.Place?.Parent)
            {
                isBelow |= ReferenceEquals(at, NewRoot);
            }

            error = isBelow && NewRoot.Place is not null && Mount.Place is null ? Errno.Ok : Errno.EINVAL;
            return error == Errno.Ok;
        }
    }
}
