using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>/proc/PID/ns: the namespaces of a process (namespaces(7)). There is one of each kind, with the numbers of Linux's first ones.</summary>
internal sealed class NamespaceDirectory : SystemDirectory
{
    private const int First = 0;

    [Immutable]
    private static readonly NamespaceKind[] s_kinds =
    [
        new("cgroup", "cgroup", 0x0200_0000, 4_026_531_835),
        new("ipc", "ipc", 0x0800_0000, 4_026_531_839),
        new("mnt", "mnt", 0x0002_0000, 4_026_531_841),
        new("net", "net", 0x4000_0000, 4_026_531_840),
        new("pid", "pid", 0x2000_0000, 4_026_531_836),
        new("pid_for_children", "pid", 0x2000_0000, 4_026_531_836),
        new("time", "time", 0x80, 4_026_531_834),
        new("time_for_children", "time", 0x80, 4_026_531_834),
        NamespaceKind.User,
        new("uts", "uts", 0x0400_0000, 4_026_531_838),
    ];

    private readonly ProcFileSystem _procfs;
    private readonly ProcSubject _subject;

    public NamespaceDirectory(ProcFileSystem procfs, ulong number, ProcSubject subject)
        : base(procfs, number, 0x149, subject.Owner.EffectiveUserId, subject.Owner.EffectiveGroupId)
    {
        _procfs = procfs;
        _subject = subject;
    }

    /// <summary>A place that leads to a namespace. Task context.</summary>
    internal static VfsPath PlaceOf(ProcFileSystem procfs, NamespaceKind kind)
    {
        var entry = new DirectoryEntry(null, kind.Text.ToArray(), new Place(procfs, kind));
        return new VfsPath(new Mount(procfs, entry, default, "none"), entry);
    }

    /// <inheritdoc/>
    protected override ulong ParentNumber => ProcDirectory.NumberOf(_subject);

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Lookup(ReadOnlySpan<byte> name, out Inode? inode)
    {
        foreach (NamespaceKind kind in s_kinds)
        {
            if (name.SequenceEqual(kind.Name))
            {
                inode = new NamespaceLink(_procfs, _subject, kind);
                return Errno.Ok;
            }
        }

        inode = null;
        return Errno.ENOENT;
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override bool TryNext(ref long position, out SystemEntry entry)
    {
        entry = default;
        if (position is < First || position >= s_kinds.Length || _subject.IsGone)
        {
            return false;
        }

        NamespaceKind kind = s_kinds[position++];
        entry = new SystemEntry(kind.Name, kind.Number, FileMode.SymbolicLink);
        return true;
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override Errno CheckUse() => _subject.IsGone ? Errno.ENOENT : _subject.MayInspect() ? Errno.Ok : Errno.EACCES;

    private sealed class NamespaceLink(ProcFileSystem procfs, ProcSubject subject, NamespaceKind kind)
        : Inode(procfs, kind.Number, new NewInode(FileMode.SymbolicLink | FileMode.AccessMask, subject.Owner.EffectiveUserId, subject.Owner.EffectiveGroupId))
    {
        /// <inheritdoc/>
        public override bool IsMagicLink => true;

        /// <inheritdoc/>
        [MightSleep]
        public override Errno ReadLink(Span<byte> target, out int length)
        {
            length = Math.Min(target.Length, kind.Text.Length);
            kind.Text[..length].CopyTo(target);
            return Errno.Ok;
        }

        /// <inheritdoc/>
        [MightSleep]
        public override Errno Follow(out VfsPath target)
        {
            target = default;
            if (!subject.MayInspect())
            {
                return Errno.EACCES;
            }

            target = PlaceOf(procfs, kind);
            return Errno.Ok;
        }
    }

    private sealed class Place(ProcFileSystem procfs, NamespaceKind kind) : Inode(procfs, kind.Number, new NewInode(FileMode.Regular | 0x124, 0, 0))
    {
        /// <inheritdoc/>
        [MightSleep]
        public override Errno Open(in VfsPath path, OpenFlags flags, out OpenFile? file)
        {
            file = new NamespaceFile(path, this, flags, procfs, kind);
            return Errno.Ok;
        }
    }
}
