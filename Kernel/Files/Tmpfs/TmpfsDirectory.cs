using System;
using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Tmpfs;

/// <summary>A directory of tmpfs.</summary>
public sealed class TmpfsDirectory : Inode
{
    // st_size of a directory: so much for each name.
    private const long BytesOfName = 20;
    private static readonly LockClass s_class = LockClasses.Register("directory names");

    private readonly TmpfsFileSystem _fileSystem;

    // Below DirectoryLock: rmdir(2) of this directory asks with the lock of its parent only, and reading needs no other.
    private readonly Mutex _lock = new("directory names", s_class);

    [GuardedBy(nameof(_lock))]
    private readonly TmpfsNames _names = new();

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private int _count;

    // It was removed: nothing can be made in it.
    [GuardedBy(nameof(_lock))]
    private bool _isDead;

    internal TmpfsDirectory(TmpfsFileSystem fileSystem, in NewInode attributes)
        : base(fileSystem, fileSystem.NextNumber(), attributes)
    {
        _fileSystem = fileSystem;
        SetLinks(2);
    }

    /// <inheritdoc/>
    public override long Size => (Volatile.Read(ref _count) + 2) * BytesOfName;

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Lookup(ReadOnlySpan<byte> name, out Inode? inode)
    {
        using (_lock.Enter())
        {
            inode = _names.Find(name)?.Inode;
        }

        return inode is null ? Errno.ENOENT : Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Create(ReadOnlySpan<byte> name, in NewInode attributes, out Inode? inode)
    {
        inode = null;
        if (!_fileSystem.TryAddInode())
        {
            return Errno.ENOSPC;
        }

        Inode made = (attributes.Mode & FileMode.TypeMask) switch
        {
            FileMode.Directory => new TmpfsDirectory(_fileSystem, attributes),
            FileMode.Regular => new TmpfsFile(_fileSystem, attributes, FileSeals.Seal, links: 1),
            _ => new TmpfsNode(_fileSystem, attributes),
        };
        return AddMade(name, made, out inode);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno CreateUnnamed(in NewInode attributes, bool mayGetName, out Inode? inode)
    {
        inode = _fileSystem.TryCreateUnnamed(attributes.Mode & FileMode.PermissionMask, attributes.UserId, attributes.GroupId, FileSeals.Seal, mayGetName);
        return inode is null ? Errno.ENOSPC : Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno SymbolicLink(ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, in NewInode attributes, out Inode? inode)
    {
        inode = null;
        return _fileSystem.TryAddInode() ? AddMade(name, new TmpfsLink(_fileSystem, attributes, target.ToArray()), out inode) : Errno.ENOSPC;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Link(ReadOnlySpan<byte> name, Inode inode)
    {
        if (!((ITmpfsInode)inode).TryAddLink())
        {
            return Errno.ENOENT;
        }

        Errno error = Add(name, inode);
        if (error != Errno.Ok)
        {
            ((ITmpfsInode)inode).DropLink();
        }

        return error;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Unlink(ReadOnlySpan<byte> name, Inode inode)
    {
        if (!Remove(name))
        {
            return Errno.ENOENT;
        }

        ((ITmpfsInode)inode).DropLink();
        return Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno RemoveDirectory(ReadOnlySpan<byte> name, Inode inode)
    {
        if (!((TmpfsDirectory)inode).TryKill())
        {
            return Errno.ENOTEMPTY;
        }

        _ = Remove(name);
        ChangeLinks(-1);
        return Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Rename(ReadOnlySpan<byte> name, Inode inode, Inode directory, ReadOnlySpan<byte> newName, Inode? replaced, bool exchange)
    {
        var to = (TmpfsDirectory)directory;
        bool isElsewhere = !ReferenceEquals(to, this);
        if (exchange)
        {
            to.Replace(newName, inode);
            Replace(name, replaced!);
            CountMove(to, (inode.IsDirectory ? 1 : 0) - (replaced!.IsDirectory ? 1 : 0));
            replaced.TouchChange();
        }
        else if (replaced is null)
        {
            Errno error = to.Add(newName, inode);
            if (error != Errno.Ok)
            {
                return error;
            }

            _ = Remove(name);
            CountMove(to, inode.IsDirectory && isElsewhere ? 1 : 0);
        }
        else
        {
            if (replaced is TmpfsDirectory gone && !gone.TryKill())
            {
                return Errno.ENOTEMPTY;
            }

            to.Replace(newName, inode);
            _ = Remove(name);
            CountMove(to, inode.IsDirectory && isElsewhere ? 1 : 0);
            if (replaced is TmpfsDirectory)
            {
                to.ChangeLinks(-1);
            }
            else
            {
                ((ITmpfsInode)replaced).DropLink();
            }
        }

        inode.TouchChange();
        return Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Open(in VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        file = new TmpfsDirectoryFile(path, this, flags);
        return Errno.Ok;
    }

    /// <summary>Gives entries from a position on.</summary>
    [MightSleep]
    internal void ReadNames(ref DirectorySink to, ref long position)
    {
        using (_lock.Enter())
        {
            while (_names.AtOrAfter(position) is { } name && to.Add(name.Name, name.Inode.Number, FileMode.DirectoryType(name.Inode.Mode), name.Cookie + 1))
            {
                position = name.Cookie + 1;
            }
        }

        TouchAccess();
    }

    /// <summary>The file system goes: gives up all names here and below, however deep.</summary>
    [MightSleep]
    internal void RemoveAll()
    {
        var left = new Stack<TmpfsDirectory>();
        left.Push(this);
        while (left.TryPop(out TmpfsDirectory? directory))
        {
            directory.RemoveNames(left);
        }
    }

    [MightSleep]
    private void RemoveNames(Stack<TmpfsDirectory> left)
    {
        while (true)
        {
            Inode inode;
            using (_lock.Enter())
            {
                _isDead = true;
                if (_names.AtOrAfter(0) is not { } name)
                {
                    return;
                }

                inode = name.Inode;
                _names.Remove(name);
            }

            if (inode is TmpfsDirectory directory)
            {
                left.Push(directory);
                _fileSystem.InodeGone();
            }
            else
            {
                ((ITmpfsInode)inode).DropLink();
            }
        }
    }

    [MightSleep]
    private Errno AddMade(ReadOnlySpan<byte> name, Inode made, out Inode? inode)
    {
        Errno error = Add(name, made);
        inode = error == Errno.Ok ? made : null;
        if (error != Errno.Ok)
        {
            if (made is ITmpfsInode counted)
            {
                counted.DropLink();
            }
            else
            {
                _fileSystem.InodeGone();
            }
        }
        else if (made.IsDirectory)
        {
            ChangeLinks(1);
        }

        return error;
    }

    [MightSleep]
    private Errno Add(ReadOnlySpan<byte> name, Inode inode)
    {
        using (_lock.Enter())
        {
            if (_isDead)
            {
                return Errno.ENOENT;
            }

            if (_names.Find(name) is not null)
            {
                return Errno.EEXIST;
            }

            _names.Add(name, inode);
            Volatile.Write(ref _count, _names.Count);
        }

        TouchModify();
        return Errno.Ok;
    }

    [MightSleep]
    private bool Remove(ReadOnlySpan<byte> name)
    {
        using (_lock.Enter())
        {
            if (_names.Find(name) is not { } found)
            {
                return false;
            }

            _names.Remove(found);
            Volatile.Write(ref _count, _names.Count);
        }

        TouchModify();
        return true;
    }

    [MightSleep]
    private void Replace(ReadOnlySpan<byte> name, Inode inode)
    {
        using (_lock.Enter())
        {
            if (_names.Find(name) is { } found)
            {
                found.Inode = inode;
            }
        }

        TouchModify();
    }

    // Directories that moved from here to another directory, whose ".." they have now.
    private void CountMove(TmpfsDirectory to, int directories)
    {
        if (directories != 0 && !ReferenceEquals(to, this))
        {
            ChangeLinks(-directories);
            to.ChangeLinks(directories);
        }
    }

    [MightSleep]
    private bool TryKill()
    {
        using (_lock.Enter())
        {
            if (_names.Count != 0)
            {
                return false;
            }

            _isDead = true;
        }

        SetLinks(0);
        TouchChange();
        _fileSystem.InodeGone();
        return true;
    }
}
