using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;

namespace CosmosKernel.Files.Tmpfs;

/// <summary>A device node, FIFO or socket in tmpfs.</summary>
internal class TmpfsNode : Inode, ITmpfsInode
{
    private readonly TmpfsFileSystem _fileSystem;

    public TmpfsNode(TmpfsFileSystem fileSystem, in NewInode attributes)
        : base(fileSystem, fileSystem.NextNumber(), attributes)
    {
        _fileSystem = fileSystem;
    }

    public bool TryAddLink()
    {
        ChangeLinks(1);
        TouchChange();
        return true;
    }

    public void DropLink()
    {
        TouchChange();
        if (ChangeLinks(-1) == 0)
        {
            _fileSystem.InodeGone();
        }
    }
}
