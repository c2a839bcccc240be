using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Tmpfs;

/// <summary>An open directory of tmpfs.</summary>
internal sealed class TmpfsDirectoryFile : SeekableFile
{
    private readonly TmpfsDirectory _directory;

    public TmpfsDirectoryFile(in VfsPath path, TmpfsDirectory inode, OpenFlags flags)
        : base(path, inode, flags)
    {
        _directory = inode;
    }

    [MightSleep]
    public override Errno Sync() => Errno.Ok;

    [MightSleep]
    protected override Errno ReadDirectoryAt(ref DirectorySink to, ref long position)
    {
        byte type = FileMode.DirectoryType(FileMode.Directory);
        if (position == 0)
        {
            if (!to.Add("."u8, Inode.Number, type, 1))
            {
                return Errno.Ok;
            }

            position = 1;
        }

        if (position == 1)
        {
            Inode parent = Path.Entry.Parent?.Inode ?? Inode;
            if (!to.Add(".."u8, parent.Number, type, 2))
            {
                return Errno.Ok;
            }

            position = 2;
        }

        _directory.ReadNames(ref to, ref position);
        return Errno.Ok;
    }
}
