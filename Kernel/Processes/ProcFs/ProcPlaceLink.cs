using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>A link of a process to a place: its program, its working directory, its root.</summary>
internal sealed class ProcPlaceLink : Inode
{
    private readonly ProcSubject _subject;
    private readonly PlaceFinder _find;

    public ProcPlaceLink(ProcFileSystem procfs, ulong number, ProcSubject subject, PlaceFinder find)
        : base(procfs, number, new NewInode(FileMode.SymbolicLink | FileMode.AccessMask, subject.Owner.EffectiveUserId, subject.Owner.EffectiveGroupId))
    {
        _subject = subject;
        _find = find;
    }

    /// <summary>Finds a place of a process; the default value for none.</summary>
    public delegate VfsPath PlaceFinder(ProcSubject subject);

    /// <inheritdoc/>
    public override bool IsMagicLink => true;

    public static VfsPath Program(ProcSubject subject) => subject.Thread?.Memory?.Image?.File ?? default;

    public static VfsPath WorkingDirectory(ProcSubject subject) => subject.Thread?.FileSystem?.WorkingDirectory ?? default;

    public static VfsPath Root(ProcSubject subject) => subject.Thread?.FileSystem?.Root ?? default;

    /// <inheritdoc/>
    [MightSleep]
    public override Errno ReadLink(Span<byte> target, out int length)
    {
        length = 0;
        Errno error = Follow(out VfsPath path);
        if (error == Errno.Ok)
        {
            length = ProcPaths.Get(path, target);
        }

        return error;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Follow(out VfsPath target)
    {
        target = default;
        if (!_subject.MayInspect())
        {
            return Errno.EACCES;
        }

        target = _find(_subject);
        return target.IsNull ? Errno.ENOENT : Errno.Ok;
    }
}
