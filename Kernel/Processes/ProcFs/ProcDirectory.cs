using System;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>/proc/PID and /proc/PID/task/TID: the files about a process, a thread or a task of the kernel (proc(5)).</summary>
internal sealed class ProcDirectory : SystemDirectory
{
    private const uint OwnerReads = 0x100;
    private const uint AllRead = 0x124;
    private const uint OwnerWrites = 0x1A4;
    private const int NumberShift = 32;

    [Immutable]
    private static readonly Entry[] s_entries =
    [
        Entry.Text("stat", AllRead, ProcessTexts.Stat),
        Entry.Text("status", AllRead, ProcessTexts.Status),
        Entry.Text("statm", AllRead, ProcessTexts.Statm),
        Entry.Text("cmdline", AllRead, ProcessTexts.Arguments),
        Entry.Text("comm", OwnerWrites, ProcessTexts.Name, receive: SetName),
        Entry.Text("environ", OwnerReads, ProcessTexts.Environment, isPrivate: true),
        Entry.Text("auxv", OwnerReads, ProcessTexts.AuxiliaryVector, isPrivate: true),
        Entry.Text("limits", AllRead, ProcessTexts.Limits),
        Entry.Text("sched", AllRead, ProcessTexts.Scheduling),
        Entry.Text("schedstat", AllRead, ProcessTexts.SchedulingStatistics),
        Entry.Text("wchan", AllRead, ProcessTexts.WaitChannel),
        Entry.Text("stack", OwnerReads, ProcessTexts.Stack, isPrivate: true),
        Entry.Text("syscall", OwnerReads, ProcessTexts.SystemCall, isPrivate: true),
        Entry.Text("personality", OwnerReads, ProcessTexts.Personality, isPrivate: true),
        Entry.Text("cgroup", AllRead, ProcessTexts.ControlGroup),
        Entry.Text("loginuid", AllRead, ProcessTexts.LoginUser),
        Entry.Text("oom_score", AllRead, OutOfMemoryScore.Score),
        Entry.Text("oom_score_adj", OwnerWrites, OutOfMemoryScore.Adjust, receive: OutOfMemoryScore.SetAdjust),
        Entry.Text("oom_adj", OwnerWrites, OutOfMemoryScore.OldAdjust, receive: OutOfMemoryScore.SetOldAdjust),
        Entry.Text("io", OwnerReads, ProcessDetails.Transfers, isPrivate: true),
        Entry.Text("timerslack_ns", 0x1B6, ProcessDetails.TimerSlack, receive: ProcessDetails.SetTimerSlack),
        Entry.Text("smaps_rollup", AllRead, ProcessDetails.MemoryAsAWhole, isPrivate: true),
        Entry.Text("mountstats", OwnerReads, ProcessDetails.MountStatistics),
        Entry.Text("coredump_filter", AllRead, ProcessDetails.CoreFilter),
        Entry.Text("sessionid", AllRead, ProcessDetails.AuditSession),
        Entry.Text("uid_map", AllRead, ProcessDetails.IdentityMap),
        Entry.Text("gid_map", AllRead, ProcessDetails.IdentityMap),
        Entry.Text("setgroups", AllRead, ProcessDetails.SetGroups),
        Entry.Text("children", AllRead, ProcessDetails.Children),
        new("ns", FileMode.Directory, (procfs, number, subject) => new NamespaceDirectory(procfs, number, subject)),
        Entry.Text("mounts", AllRead, MountReports.Mounts),
        Entry.Text("mountinfo", AllRead, MountReports.MountInformation),
        new("maps", FileMode.Regular, (procfs, number, subject) => new MemoryMapFile(procfs, number, subject, isDetailed: false)),
        new("smaps", FileMode.Regular, (procfs, number, subject) => new MemoryMapFile(procfs, number, subject, isDetailed: true)),
        new("exe", FileMode.SymbolicLink, (procfs, number, subject) => new ProcPlaceLink(procfs, number, subject, ProcPlaceLink.Program)),
        new("cwd", FileMode.SymbolicLink, (procfs, number, subject) => new ProcPlaceLink(procfs, number, subject, ProcPlaceLink.WorkingDirectory)),
        new("root", FileMode.SymbolicLink, (procfs, number, subject) => new ProcPlaceLink(procfs, number, subject, ProcPlaceLink.Root)),
        new("fd", FileMode.Directory, (procfs, number, subject) => new DescriptorDirectory(procfs, number, subject, isInformation: false)),
        new("fdinfo", FileMode.Directory, (procfs, number, subject) => new DescriptorDirectory(procfs, number, subject, isInformation: true)),
        new("task", FileMode.Directory, (procfs, number, subject) => new TaskDirectory(procfs, number, subject)),
    ];

    private readonly ProcFileSystem _procfs;
    private readonly ProcSubject _subject;

    public ProcDirectory(ProcFileSystem procfs, ProcSubject subject)
        : base(procfs, NumberOf(subject), 0x16D, subject.Owner.EffectiveUserId, subject.Owner.EffectiveGroupId)
    {
        _procfs = procfs;
        _subject = subject;
    }

    /// <summary>The process that it is of; null for a task of the kernel and for the directory of a thread.</summary>
    public Process? Process => _subject.IsThread ? null : _subject.Process;

    /// <summary>The inode number of the directory of a subject; those of its files follow.</summary>
    public static ulong NumberOf(ProcSubject subject) => NumberOf(subject.Id, subject.IsThread);

    public static ulong NumberOf(int id, bool isThread) => ((ulong)id << NumberShift) | (isThread ? 0x8000_0000u : 0);

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Lookup(ReadOnlySpan<byte> name, out Inode? inode)
    {
        inode = null;
        if (_subject.IsGone)
        {
            return Errno.ENOENT;
        }

        for (int i = 0; i < s_entries.Length; i++)
        {
            if (name.SequenceEqual(s_entries[i].Name) && HasEntry(i))
            {
                inode = s_entries[i].Make(_procfs, Number + (ulong)i + 1, _subject);
                return Errno.Ok;
            }
        }

        return Errno.ENOENT;
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override bool TryNext(ref long position, out SystemEntry entry)
    {
        while (position < s_entries.Length && !_subject.IsGone)
        {
            int index = (int)position++;
            if (HasEntry(index))
            {
                entry = new SystemEntry(s_entries[index].Name, Number + (ulong)index + 1, s_entries[index].Type);
                return true;
            }
        }

        entry = default;
        return false;
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override Errno CheckUse() => _subject.IsGone ? Errno.ENOENT : Errno.Ok;

    // A thread has no threads; children are in the directories of threads only.
    private bool HasEntry(int index) => _subject.IsThread ? index != s_entries.Length - 1 : !s_entries[index].Name.SequenceEqual("children"u8);

    private static Errno SetName(ProcSubject subject, ReadOnlySpan<byte> text)
    {
        // A process names its own threads only (proc(5), comm).
        if (subject.Thread is not { } thread || !ReferenceEquals(UserThread.Current?.Process, subject.Process))
        {
            return Errno.EINVAL;
        }

        int end = text.IndexOf((byte)0);
        text = end < 0 ? text : text[..end];
        thread.Task.Name = Encoding.UTF8.GetString(text[..Math.Min(text.Length, 15)].TrimEnd((byte)'\n'));
        return Errno.Ok;
    }

    private delegate Inode InodeMaker(ProcFileSystem procfs, ulong number, ProcSubject subject);

    private sealed class Entry(string name, uint type, InodeMaker make)
    {
        [Immutable]
        private readonly byte[] _name = Encoding.ASCII.GetBytes(name);

        public ReadOnlySpan<byte> Name => _name;

        public uint Type { get; } = type;

        public InodeMaker Make { get; } = make;

        public static Entry Text(string name, uint permissions, ProcGenerator generate, bool isPrivate = false, ProcReceiver? receive = null) =>
            new(name, FileMode.Regular, (procfs, number, subject) => new ProcTextFile(procfs, number, permissions, subject, isPrivate, generate, receive));
    }
}
