using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Naming;

/// <summary>What stands at the end of a path.</summary>
internal enum LastComponent
{
    /// <summary>Nothing: the path is /, or empty.</summary>
    None,

    /// <summary>A name.</summary>
    Name,

    /// <summary>One dot.</summary>
    Dot,

    /// <summary>Two dots.</summary>
    DotDot,
}

/// <summary>
/// Walks a path (path_resolution(7)). It goes up to the last component (<see cref="ToLast"/>), which the caller uses, creates or removes; or through it (<see cref="ToEnd"/>). A symbolic link replaces itself by its
/// text in what is left of the path, so links may be anywhere. No lock is held between two components: the walk sees each directory as it is at that moment.
/// </summary>
internal ref struct PathWalker
{
    private readonly PathWalk _walk;
    private readonly VfsPath _root;
    private readonly ResolveFlags _flags;
    private readonly ulong _moves;
    private ReadOnlySpan<byte> _rest;
    private int _links;

    public PathWalker(in PathWalk walk, ReadOnlySpan<byte> path, ResolveFlags flags)
    {
        _walk = walk;
        _flags = flags;
        _rest = path;
        _root = (flags & ResolveFlags.InRoot) != 0 ? walk.Start : walk.Root;
        _moves = DirectoryMoves.Count;
        Current = walk.Start;
    }

    /// <summary>Where the walk is: the directory of the last component, or the end.</summary>
    public VfsPath Current { get; private set; }

    /// <summary>The last component, if it is a name.</summary>
    public ReadOnlySpan<byte> Last { get; private set; }

    /// <summary>What the last component is.</summary>
    public LastComponent LastKind { get; private set; }

    /// <summary>Slashes follow the last component: it must be a directory.</summary>
    public bool HasTrailingSlash { get; private set; }

    private readonly bool IsConfined => (_flags & (ResolveFlags.Beneath | ResolveFlags.InRoot)) != 0;

    /// <summary>Walks to the directory of the last component, in which the caller may search; the last component is not looked up.</summary>
    [MightSleep]
    public Errno ToLast()
    {
        LastKind = LastComponent.None;
        if (_rest.Length > 0 && _rest[0] == (byte)'/')
        {
            Errno error = ToRoot();
            if (error != Errno.Ok)
            {
                return error;
            }
        }

        while (true)
        {
            if (!TakeComponent(out ReadOnlySpan<byte> name, out bool isLast))
            {
                return Errno.Ok;
            }

            Errno error = CheckSearch(name);
            if (error != Errno.Ok)
            {
                return error;
            }

            LastComponent kind = KindOf(name);
            if (isLast && kind == LastComponent.Name)
            {
                Last = name;
                LastKind = kind;
                return Errno.Ok;
            }

            LastKind = isLast ? kind : LastComponent.None;
            if (kind == LastComponent.DotDot)
            {
                error = GoUp();
            }
            else if (kind == LastComponent.Name)
            {
                error = Step(name, follow: true);
            }

            if (error != Errno.Ok)
            {
                return error;
            }

            if (isLast)
            {
                return Errno.Ok;
            }
        }
    }

    /// <summary>Goes through the last component that <see cref="ToLast"/> stopped at.</summary>
    /// <param name="follow">A symbolic link is followed; with slashes behind it, it is anyway.</param>
    [MightSleep]
    public Errno ToEnd(bool follow)
    {
        while (LastKind == LastComponent.Name)
        {
            bool isDirectory = HasTrailingSlash;
            Errno error = Step(Last, follow || isDirectory);
            if (error != Errno.Ok)
            {
                return error;
            }

            // A link has put its text in front: to the last component of that.
            if (_rest.Length == 0)
            {
                LastKind = LastComponent.None;
            }
            else if ((error = ToLast()) != Errno.Ok)
            {
                return error;
            }
            else
            {
                HasTrailingSlash |= isDirectory;
            }
        }

        return CheckEnd();
    }

    /// <summary>The last component turned out to be a symbolic link: goes on with its text, to the last component of that.</summary>
    [MightSleep]
    public Errno FollowLast(DirectoryEntry link)
    {
        bool isDirectory = HasTrailingSlash;
        Errno error = FollowLink(link.Inode!, Current.Mount);
        if (error != Errno.Ok)
        {
            return error;
        }

        LastKind = LastComponent.None;
        if (_rest.Length != 0)
        {
            error = ToLast();
            HasTrailingSlash |= isDirectory;
        }

        return error;
    }

    /// <summary>The walk has ended here: a path that ends with a slash names a directory, and a confined walk has not been led out by a rename.</summary>
    public readonly Errno CheckEnd()
    {
        if ((HasTrailingSlash || (_flags & ResolveFlags.Directory) != 0) && Current.Inode is not { IsDirectory: true })
        {
            return Errno.ENOTDIR;
        }

        return IsConfined && DirectoryMoves.Count != _moves ? Errno.EAGAIN : Errno.Ok;
    }

    /// <summary>Goes from an entry of the present directory to what is mounted on it, and stays there.</summary>
    public Errno Enter(DirectoryEntry entry)
    {
        var next = new VfsPath(Current.Mount, entry);
        while (next.Entry.IsMountPoint && MountTable.Find(next) is { } mount)
        {
            if ((_flags & ResolveFlags.NoCrossing) != 0)
            {
                return Errno.EXDEV;
            }

            next = new VfsPath(mount, mount.Root);
        }

        Current = next;
        return Errno.Ok;
    }

    private static LastComponent KindOf(ReadOnlySpan<byte> name)
    {
        if (name[0] != (byte)'.' || name.Length > 2)
        {
            return LastComponent.Name;
        }

        return name.Length == 1 ? LastComponent.Dot : name[1] == (byte)'.' ? LastComponent.DotDot : LastComponent.Name;
    }

    // Takes the next component off the path. False: there is none.
    private bool TakeComponent(out ReadOnlySpan<byte> name, out bool isLast)
    {
        ReadOnlySpan<byte> rest = _rest.TrimStart((byte)'/');
        int end = rest.IndexOf((byte)'/');
        name = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[end..].TrimStart((byte)'/');
        isLast = rest.IsEmpty;
        HasTrailingSlash = isLast && end >= 0;
        _rest = rest;
        return !name.IsEmpty;
    }

    private readonly Errno CheckSearch(ReadOnlySpan<byte> name)
    {
        Inode inode = Current.Inode!;
        if (!inode.IsDirectory)
        {
            return Errno.ENOTDIR;
        }

        Errno error = Vfs.CheckAccess(inode, _walk.Credentials, Vfs.Execute);
        return error == Errno.Ok && name.Length > PathLimits.NameMaximum ? Errno.ENAMETOOLONG : error;
    }

    private Errno ToRoot()
    {
        if ((_flags & ResolveFlags.Beneath) != 0)
        {
            return Errno.EXDEV;
        }

        if ((_flags & ResolveFlags.NoCrossing) != 0 && !ReferenceEquals(_root.Mount, Current.Mount))
        {
            return Errno.EXDEV;
        }

        Current = _root;
        return Errno.Ok;
    }

    private Errno GoUp()
    {
        VfsPath at = Current;
        if (at == _root || (IsConfined && at == _walk.Start))
        {
            return (_flags & ResolveFlags.Beneath) != 0 ? Errno.EXDEV : Errno.Ok;
        }

        while (ReferenceEquals(at.Entry, at.Mount.Root))
        {
            if (at.Mount.Place is not { } place || at == _root)
            {
                return Errno.Ok;
            }

            if ((_flags & ResolveFlags.NoCrossing) != 0)
            {
                return Errno.EXDEV;
            }

            at = new VfsPath(place.Parent, place.Entry);
        }

        if (at == _root)
        {
            Current = at;
            return Errno.Ok;
        }

        Current = at;
        return at.Entry.Parent is { } parent ? Enter(parent) : Errno.Ok;
    }

    // One name down from the present directory.
    [MightSleep]
    private Errno Step(ReadOnlySpan<byte> name, bool follow)
    {
        Errno error = NameLookup.Find(Current.Entry, name, (_flags & ResolveFlags.Cached) != 0, out DirectoryEntry? entry);
        if (error != Errno.Ok)
        {
            return error;
        }

        if (entry!.Inode is not { } inode)
        {
            return Errno.ENOENT;
        }

        if (inode.IsSymbolicLink && follow)
        {
            return FollowLink(inode, Current.Mount);
        }

        return entry.IsMountPoint ? Enter(entry) : Move(entry);
    }

    private Errno Move(DirectoryEntry entry)
    {
        Current = new VfsPath(Current.Mount, entry);
        return Errno.Ok;
    }

    // The walk stays in the directory of the link, and its text comes before what is left of the path.
    [MightSleep]
    private Errno FollowLink(Inode link, Mount mount)
    {
        if ((_flags & ResolveFlags.NoSymbolicLinks) != 0 || (mount.Flags & MountFlags.NoSymbolicLinks) != 0 || ++_links > PathLimits.SymbolicLinks)
        {
            return Errno.ELOOP;
        }

        if (link.IsMagicLink)
        {
            return FollowMagic(link);
        }

        byte[]? text = link.LinkText;
        int length = text?.Length ?? 0;
        if (text is null)
        {
            text = new byte[PathLimits.PathMaximum];
            Errno error = link.ReadLink(text, out length);
            if (error != Errno.Ok)
            {
                return error;
            }
        }

        if (length == 0)
        {
            return Errno.ENOENT;
        }

        if (_rest.IsEmpty)
        {
            _rest = text.AsSpan(0, length);
        }
        else
        {
            byte[] whole = new byte[length + 1 + _rest.Length];
            text.AsSpan(0, length).CopyTo(whole);
            whole[length] = (byte)'/';
            _rest.CopyTo(whole.AsSpan(length + 1));
            _rest = whole;
        }

        return _rest[0] == (byte)'/' ? ToRoot() : Errno.Ok;
    }

    [MightSleep]
    private Errno FollowMagic(Inode link)
    {
        if ((_flags & ResolveFlags.NoMagicLinks) != 0)
        {
            return Errno.ELOOP;
        }

        if (IsConfined)
        {
            return Errno.EXDEV;
        }

        Errno error = link.Follow(out VfsPath target);
        if (error != Errno.Ok)
        {
            return error;
        }

        if ((_flags & ResolveFlags.NoCrossing) != 0 && !ReferenceEquals(target.Mount, Current.Mount))
        {
            return Errno.EXDEV;
        }

        Current = target;
        return Errno.Ok;
    }
}
