using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Tmpfs;

/// <summary>A regular file of tmpfs, with or without names.</summary>
public sealed class TmpfsFile : Inode, ITmpfsInode
{
    private const int BlockBytes = 512;

    private readonly bool _mayGetName;

    // A file that is made without a name: the hold that its content was made with goes to who opens it first.
    [Atomic]
    private int _spareHolds;

    internal TmpfsFile(TmpfsFileSystem fileSystem, in NewInode attributes, FileSeals seals, int links, bool mayGetName = false, string? description = null)
        : base(fileSystem, fileSystem.NextNumber(), attributes)
    {
        Content = new TmpfsContent(fileSystem, seals);
        SetLinks(links);
        _mayGetName = mayGetName;
        Description = description;
        _spareHolds = links == 0 ? 1 : 0;
    }

    /// <summary>Its pages. They are held by the file as long as it has a name, by each open file, and while there are mappings.</summary>
    public TmpfsContent Content { get; }

    /// <summary>What stands instead of a path for a file that never had one; null for a path.</summary>
    public string? Description { get; }

    /// <inheritdoc/>
    public override long Size => (long)Content.Size;

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Open(in VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        bool isHeld = Interlocked.Exchange(ref _spareHolds, 0) != 0 || Content.TryAcquire();
        file = isHeld ? new TmpfsOpenFile(path, this, flags) : null;
        return isHeld ? Errno.Ok : Errno.ENOENT;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Truncate(long size)
    {
        Errno error = Content.Truncate(size);
        if (error == Errno.Ok)
        {
            TouchModify();
        }

        return error;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void GetAttributes(out InodeAttributes attributes)
    {
        base.GetAttributes(out attributes);
        attributes.Blocks = (long)Content.PageCount * (attributes.BlockBytes / BlockBytes);
    }

    bool ITmpfsInode.TryAddLink()
    {
        if (ChangeLinks(1) == 1 && !(_mayGetName && Content.TryAcquire()))
        {
            ChangeLinks(-1);
            return false;
        }

        TouchChange();
        return true;
    }

    void ITmpfsInode.DropLink()
    {
        TouchChange();
        if (ChangeLinks(-1) == 0)
        {
            Content.Release();
        }
    }
}
