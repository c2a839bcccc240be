using System;
using System.Buffers.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Locks;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>/proc/PID/fd and fdinfo: the descriptors of a process.</summary>
internal sealed class DescriptorDirectory : SystemDirectory
{
    private const ulong FirstDescriptorNumber = 0x1000;
    private const ulong InformationNumber = 0x200_0000;

    private readonly ProcFileSystem _procfs;
    private readonly ProcSubject _subject;
    private readonly bool _isInformation;

    public DescriptorDirectory(ProcFileSystem procfs, ulong number, ProcSubject subject, bool isInformation)
        : base(procfs, number, isInformation ? 0x16Du : 0x140u, subject.Owner.EffectiveUserId, subject.Owner.EffectiveGroupId)
    {
        _procfs = procfs;
        _subject = subject;
        _isInformation = isInformation;
    }

    /// <inheritdoc/>
    protected override ulong ParentNumber => ProcDirectory.NumberOf(_subject);

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Lookup(ReadOnlySpan<byte> name, out Inode? inode)
    {
        inode = null;
        Errno error = CheckUse();
        if (error != Errno.Ok)
        {
            return error;
        }

        bool isNumber = Utf8Parser.TryParse(name, out int descriptor, out int used) && used == name.Length && descriptor >= 0 && (name[0] != (byte)'0' || name.Length == 1);
        if (!isNumber || _subject.Thread?.Files is not { } table || table.TryGet(descriptor, out OpenFile? file) != Errno.Ok)
        {
            return Errno.ENOENT;
        }

        inode = _isInformation
            ? new ProcTextFile(_procfs, NumberOf(descriptor), 0x100, _subject, isPrivate: true, (subject, to) => Describe(subject, descriptor, to), receive: null)
            : new DescriptorLink(_procfs, NumberOf(descriptor), _subject, descriptor, file!);
        file!.Release();
        return Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override bool TryNext(ref long position, out SystemEntry entry)
    {
        entry = default;
        if (position > FileTable.Maximum || _subject.Thread?.Files is not { } table)
        {
            return false;
        }

        int descriptor = table.Next((int)position);
        if (descriptor < 0)
        {
            return false;
        }

        position = descriptor + 1;
        byte[] name = new byte[12];
        Utf8Formatter.TryFormat(descriptor, name, out int length);
        entry = new SystemEntry(name.AsSpan(0, length), NumberOf(descriptor), _isInformation ? FileMode.Regular : FileMode.SymbolicLink);
        return true;
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override Errno CheckUse() => _subject.IsGone ? Errno.ENOENT : _subject.MayInspect() ? Errno.Ok : Errno.EACCES;

    [MightSleep]
    private static Errno Describe(ProcSubject subject, int descriptor, TextBuilder to)
    {
        if (subject.Thread?.Files is not { } table || table.TryGet(descriptor, out OpenFile? file) != Errno.Ok)
        {
            return Errno.ENOENT;
        }

        bool closes = table.GetCloseOnExec(descriptor, out bool closesOnExec) == Errno.Ok && closesOnExec;
        OpenFlags flags = closes ? file!.Flags | OpenFlags.CloseOnExec : file!.Flags;
        to.Add("pos:\t"u8).Add(file is SeekableFile seekable ? seekable.Position : 0).Line();
        to.Add("flags:\t0"u8).AddOctal((uint)(flags | OpenFlags.LargeFile)).Line();
        to.Add("mnt_id:\t"u8).Add((long)(file.Path.IsNull ? 0 : file.Path.Mount.Id)).Line();
        to.Add("ino:\t"u8).Add(file.Inode.Number).Line();
        FileLocks.Describe(file, table, to);
        file.Describe(to);
        file.Release();
        return Errno.Ok;
    }

    private ulong NumberOf(int descriptor) => ProcDirectory.NumberOf(_subject) + (_isInformation ? InformationNumber : 0) + FirstDescriptorNumber + (ulong)descriptor;
}
