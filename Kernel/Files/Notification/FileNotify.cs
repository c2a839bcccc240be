using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Notification;

/// <summary>
/// Tells who watches (inotify(7), F_NOTIFY of fcntl(2)) what happens to files. Whoever does something calls the method for it after it is done. While nobody watches anything, each costs the look at one
/// number; then a look at the inode, and at its directory. Task context; locks of directories may be held, spin locks not.
/// </summary>
public static class FileNotify
{
    // How many watches there are in all.
    [Atomic]
    private static int s_watches;

    [Atomic]
    private static int s_lastCookie;

    private static bool IsUsed => Volatile.Read(ref s_watches) != 0;

    /// <summary>There is one watch more, or fewer. Any context.</summary>
    [NoAllocation]
    internal static void Count(int by) => Interlocked.Add(ref s_watches, by);

    /// <summary>A file was opened.</summary>
    [MightSleep]
    public static void Opened(OpenFile file)
    {
        if (IsUsed)
        {
            TellFile(file, NotifyEvents.Open);
        }
    }

    /// <summary>An open file is closed for good.</summary>
    [MightSleep]
    internal static void Closed(OpenFile file)
    {
        if (IsUsed)
        {
            TellFile(file, file.IsWritable ? NotifyEvents.CloseWrite : NotifyEvents.CloseNoWrite);
        }
    }

    /// <summary>Something was read from a file, or a directory's entries were.</summary>
    [MightSleep]
    public static void Read(OpenFile file)
    {
        if (IsUsed)
        {
            TellFile(file, NotifyEvents.Access);
        }
    }

    /// <summary>The content of a file was changed.</summary>
    [MightSleep]
    public static void Modified(OpenFile file)
    {
        if (IsUsed)
        {
            TellFile(file, NotifyEvents.Modify);
        }
    }

    /// <summary>Attributes of a file were changed through a descriptor.</summary>
    [MightSleep]
    public static void AttributesChanged(OpenFile file)
    {
        if (IsUsed && !file.IsPathOnly)
        {
            TellEntry(file.Path.Entry, file.Inode, NotifyEvents.Attributes, isFile: false);
        }
    }

    /// <summary>Attributes or size were changed by path.</summary>
    /// <param name="path">What was changed.</param>
    /// <param name="events">Attributes, Access or Modify.</param>
    [MightSleep]
    internal static void Changed(in VfsPath path, NotifyEvents events)
    {
        if (IsUsed && path.Inode is { } inode)
        {
            TellEntry(path.Entry, inode, events, isFile: false);
        }
    }

    /// <summary>Something was made in a directory, or got one more name there.</summary>
    [MightSleep]
    public static void Created(Inode directory, ReadOnlySpan<byte> name, Inode made)
    {
        if (IsUsed)
        {
            TellWatches(directory, NotifyEvents.Create | KindOf(made), name, 0);
        }
    }

    /// <summary>A name was removed from a directory.</summary>
    [MightSleep]
    public static void Deleted(Inode directory, ReadOnlySpan<byte> name, Inode removed)
    {
        if (IsUsed)
        {
            TellWatches(directory, NotifyEvents.Delete | KindOf(removed), name, 0);
        }
    }

    /// <summary>An inode has one name more, or fewer.</summary>
    [MightSleep]
    internal static void LinksChanged(Inode inode)
    {
        if (IsUsed)
        {
            TellWatches(inode, NotifyEvents.Attributes | KindOf(inode), default, 0);
        }
    }

    /// <summary>A name was changed. With the locks of both directories held.</summary>
    /// <param name="from">The directory that it was in.</param>
    /// <param name="oldName">The old name.</param>
    /// <param name="to">The directory that it is in now.</param>
    /// <param name="newName">The new name.</param>
    /// <param name="moved">What has the name.</param>
    /// <param name="replaced">What had the new name before, and has it no more; null for nothing, and when the two changed places.</param>
    [MightSleep]
    internal static void Moved(Inode from, ReadOnlySpan<byte> oldName, Inode to, ReadOnlySpan<byte> newName, Inode moved, Inode? replaced)
    {
        if (!IsUsed)
        {
            return;
        }

        var cookie = (uint)Interlocked.Increment(ref s_lastCookie);
        NotifyEvents kind = KindOf(moved);
        TellWatches(from, NotifyEvents.Rename | kind, oldName, cookie);
        if (!ReferenceEquals(from, to))
        {
            TellWatches(to, NotifyEvents.Rename | kind, newName, cookie);
        }

        TellWatches(from, NotifyEvents.MovedFrom | kind, oldName, cookie);
        TellWatches(to, NotifyEvents.MovedTo | kind, newName, cookie);
        if (replaced is not null)
        {
            LinksChanged(replaced);
        }

        TellWatches(moved, NotifyEvents.MoveSelf | kind, default, 0);
    }

    /// <summary>
    /// An entry that had lost its name is used by nobody any more. If its inode has no other name either, it is gone: that is the last thing that is told of it.
    /// </summary>
    [MightSleep]
    internal static void Gone(DirectoryEntry entry)
    {
        if (IsUsed && entry.Inode is { Links: 0 } inode)
        {
            End(inode, NotifyEvents.DeleteSelf | KindOf(inode));
        }
    }

    /// <summary>A file system has no mount any more.</summary>
    [MightSleep]
    internal static void Unmounted(FileSystem fileSystem)
    {
        if (!IsUsed)
        {
            return;
        }

        foreach (InodeWatch watch in fileSystem.Watches.Take())
        {
            End(watch.Inode, NotifyEvents.Unmount);
        }
    }

    /// <summary>Asks for signals of changes in a directory, as <see cref="DirectoryWatch.Set"/>.</summary>
    [MightSleep]
    public static Errno Signal(OpenFile file, FileTable table, int descriptor, DirectoryChanges kinds) => DirectoryWatch.Set(file, table, descriptor, kinds);

    [MightSleep]
    private static void TellFile(OpenFile file, NotifyEvents events)
    {
        if (!file.IsPathOnly)
        {
            TellEntry(file.Path.Entry, file.Inode, events, isFile: true);
        }
    }

    // First the directory, with the name, then the inode itself.
    [MightSleep]
    private static void TellEntry(DirectoryEntry? entry, Inode inode, NotifyEvents events, bool isFile)
    {
        events |= KindOf(inode);
        bool isUnlinked = isFile && entry is { IsDeleted: true };
        if (entry?.Link is { Parent.Inode: { Watches: { } above } } link)
        {
            Tell(above, events, link.Name, 0, isUnlinked);
        }

        if (inode.Watches is { } watches)
        {
            Tell(watches, events, default, 0, isUnlinked);
        }
    }

    [MightSleep]
    private static void TellWatches(Inode inode, NotifyEvents events, ReadOnlySpan<byte> name, uint cookie)
    {
        if (inode.Watches is { } watches)
        {
            Tell(watches, events, name, cookie, isUnlinked: false);
        }
    }

    [MightSleep]
    private static void Tell(InodeWatch[] watches, NotifyEvents events, ReadOnlySpan<byte> name, uint cookie, bool isUnlinked)
    {
        foreach (InodeWatch watch in watches)
        {
            NotifyEvents wanted = watch.Wanted;
            if ((wanted & events & (NotifyEvents.All | NotifyEvents.Rename)) != 0 && !(isUnlinked && (wanted & NotifyEvents.ExcludeUnlinked) != 0))
            {
                watch.Tell(events, name, cookie);
            }
        }
    }

    // Whoever takes the watches tells them: so each ends once, however many find the inode gone.
    [MightSleep]
    private static void End(Inode inode, NotifyEvents last)
    {
        if (inode.TakeWatches() is not { } watches)
        {
            return;
        }

        foreach (InodeWatch watch in watches)
        {
            inode.FileSystem.Watches.Remove(watch);
            if ((last & NotifyEvents.Unmount) != 0 || (watch.Wanted & last & NotifyEvents.All) != 0)
            {
                watch.Tell(last, default, 0);
            }

            watch.Ended();
        }

        Count(-watches.Length);
    }

    private static NotifyEvents KindOf(Inode inode) => inode.IsDirectory ? NotifyEvents.IsDirectory : NotifyEvents.None;
}
