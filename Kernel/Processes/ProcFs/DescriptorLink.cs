using System;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>/proc/PID/fd/N: leads to the file that the descriptor refers to. Its permissions tell how that is open.</summary>
internal sealed class DescriptorLink : Inode
{
    private const uint OwnerRead = 0x100;
    private const uint OwnerWrite = 0x80;
    private const uint OwnerExecute = 0x40;

    private readonly ProcSubject _subject;
    private readonly int _descriptor;

    public DescriptorLink(ProcFileSystem procfs, ulong number, ProcSubject subject, int descriptor, OpenFile file)
        : base(
            procfs, number,
            new NewInode(
                FileMode.SymbolicLink | OwnerExecute | (file.IsReadable ? OwnerRead : 0) | (file.IsWritable ? OwnerWrite : 0),
                subject.Owner.EffectiveUserId, subject.Owner.EffectiveGroupId))
    {
        _subject = subject;
        _descriptor = descriptor;
    }

    /// <inheritdoc/>
    public override bool IsMagicLink => true;

    /// <inheritdoc/>
    [MightSleep]
    public override Errno ReadLink(Span<byte> target, out int length)
    {
        length = 0;
        Errno error = Find(out OpenFile? file);
        if (error != Errno.Ok)
        {
            return error;
        }

        if (file!.Description is { } description)
        {
            byte[] text = Encoding.UTF8.GetBytes(description);
            length = Math.Min(text.Length, target.Length);
            text.AsSpan(0, length).CopyTo(target);
        }
        else
        {
            length = ProcPaths.Get(file.Path, target);
        }

        file.Release();
        return Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Follow(out VfsPath target)
    {
        target = default;
        Errno error = Find(out OpenFile? file);
        if (error != Errno.Ok)
        {
            return error;
        }

        // A pipe has no place in the tree: an entry that is nowhere leads to its inode.
        target = file!.Path.IsNull ? AnonymousPlaces.Of(file) : file.Path;
        file.Release();
        return Errno.Ok;
    }

    [MightSleep]
    private Errno Find(out OpenFile? file)
    {
        file = null;
        if (!_subject.MayInspect())
        {
            return Errno.EACCES;
        }

        return _subject.Thread?.Files is { } table && table.TryGet(_descriptor, out file) == Errno.Ok ? Errno.Ok : Errno.ENOENT;
    }
}
