using System;
using System.Buffers.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>/proc/PID/task: the threads of a process.</summary>
internal sealed class TaskDirectory : SystemDirectory
{
    private readonly ProcFileSystem _procfs;
    private readonly ProcSubject _subject;

    public TaskDirectory(ProcFileSystem procfs, ulong number, ProcSubject subject)
        : base(procfs, number, 0x16D, subject.Owner.EffectiveUserId, subject.Owner.EffectiveGroupId)
    {
        _procfs = procfs;
        _subject = subject;
        SetLinks(2 + (subject.Process?.ThreadCount ?? 1));
    }

    /// <inheritdoc/>
    protected override ulong ParentNumber => ProcDirectory.NumberOf(_subject);

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Lookup(ReadOnlySpan<byte> name, out Inode? inode)
    {
        inode = null;
        if (!Utf8Parser.TryParse(name, out int id, out int used) || used != name.Length || name[0] == (byte)'0')
        {
            return Errno.ENOENT;
        }

        if (_subject.KernelTask is { } task)
        {
            inode = id == _subject.Id && !_subject.IsGone ? new ProcDirectory(_procfs, ProcSubject.OfKernelThread(task)) : null;
        }
        else if (ProcessTable.FindThread(id) is { } thread && ReferenceEquals(thread.Process, _subject.Process))
        {
            inode = new ProcDirectory(_procfs, ProcSubject.OfThread(thread));
        }

        return inode is null ? Errno.ENOENT : Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override bool TryNext(ref long position, out SystemEntry entry)
    {
        // In the order of ids, so that threads that come and go do not disturb.
        int next = int.MaxValue;
        if (_subject.Process is { } process)
        {
            for (UserThread? thread = process.Thread(null); thread is not null; thread = process.Thread(thread))
            {
                next = thread.Id > position && thread.Id < next ? thread.Id : next;
            }
        }
        else if (position < _subject.Id)
        {
            next = _subject.Id;
        }

        entry = default;
        if (next == int.MaxValue)
        {
            return false;
        }

        position = next;
        byte[] name = new byte[12];
        Utf8Formatter.TryFormat(next, name, out int length);
        entry = new SystemEntry(name.AsSpan(0, length), ProcDirectory.NumberOf(next, isThread: true), FileMode.Directory);
        return true;
    }
}
