using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Notification;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Tmpfs;

/// <summary>An open regular file of tmpfs. It holds the content, which it is given held.</summary>
public sealed class TmpfsOpenFile : SeekableFile
{
    private readonly TmpfsContent _content;

    internal TmpfsOpenFile(in VfsPath path, TmpfsFile inode, OpenFlags flags)
        : base(path, inode, flags)
    {
        _content = inode.Content;
    }

    /// <inheritdoc/>
    public override string? Description => ((TmpfsFile)Inode).Description;

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Allocate(int mode, long offset, long length)
    {
        Errno error = _content.Allocate(mode, offset, length);
        if (error == Errno.Ok)
        {
            Inode.TouchModify();
        }

        return error;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno GetMappedObject(out MappedObject? mapped)
    {
        mapped = _content;
        return Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Sync() => Errno.Ok;

    /// <inheritdoc/>
    [MightSleep]
    protected override long ReadAt(ref DataSink to, long offset)
    {
        long done = _content.Read(ref to, offset);
        if ((Flags & OpenFlags.NoAccessTime) == 0)
        {
            Inode.TouchAccess();
        }

        return done;
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override long WriteAt(ref DataSource from, ref long offset)
    {
        long done = _content.Write(ref from, ref offset, from.Appends || (Flags & OpenFlags.Append) != 0);
        if (done > 0)
        {
            Inode.TouchModify();
            if (Vfs.DropSetId(Inode, Credentials.Current))
            {
                FileNotify.AttributesChanged(this);
            }
        }

        return done;
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override long FindPosition(long offset, int origin, long position) =>
        origin is 3 or 4 ? _content.FindRange(offset, origin == 3) : base.FindPosition(offset, origin, position);

    /// <inheritdoc/>
    [MightSleep]
    protected override void Closed() => _content.Release();
}
