using System;
using System.Buffers.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Processes.Memory;
using CosmosKernel.Tasks;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>More short files of /proc/PID: what it has read and written, timer slack, what is in memory of it as a whole, mounts, identity. Task context.</summary>
internal static class ProcessDetails
{
    private const ulong KibibytesPerPage = 4;

    /// <summary>io: nothing is stored on a device, so that the three last figures are 0.</summary>
    public static Errno Transfers(ProcSubject subject, TextBuilder to)
    {
        TransferUse use = subject.OneThread?.ReadTransfers() ?? subject.Process?.ReadTransfers() ?? default;
        to.Add("rchar: "u8).Add(use.ReadBytes).Add("\nwchar: "u8).Add(use.WrittenBytes).Add("\nsyscr: "u8).Add(use.Reads).Add("\nsyscw: "u8).Add(use.Writes);
        to.Add("\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n"u8);
        return Errno.Ok;
    }

    /// <summary>timerslack_ns: PR_SET_TIMERSLACK of any process. Others need CAP_SYS_NICE.</summary>
    public static Errno TimerSlack(ProcSubject subject, TextBuilder to)
    {
        if (!MayAdjust(subject))
        {
            return Errno.EPERM;
        }

        to.Add(subject.Task?.TimerSlack ?? 0).Line();
        return Errno.Ok;
    }

    /// <summary>Sets it; 0 gives what the thread began with.</summary>
    public static Errno SetTimerSlack(ProcSubject subject, ReadOnlySpan<byte> text)
    {
        if (!MayAdjust(subject))
        {
            return Errno.EPERM;
        }

        text = text.TrimStart((byte)' ');
        if (!Utf8Parser.TryParse(text, out ulong value, out int used) || !text[used..].Trim(" \t\n\0"u8).IsEmpty)
        {
            return Errno.EINVAL;
        }

        if (subject.Task is { } task)
        {
            task.TimerSlack = value;
        }

        return Errno.Ok;
    }

    /// <summary>smaps_rollup: the sums of smaps.</summary>
    [MightSleep]
    public static Errno MemoryAsAWhole(ProcSubject subject, TextBuilder to)
    {
        if (subject.Thread?.Memory is not { } memory || !memory.TryAddUser())
        {
            return Errno.ESRCH;
        }

        ulong first = 0;
        ulong last = 0;
        ulong anonymous = 0;
        ulong locked = 0;
        ulong file = 0;
        AreaUse all = default;
        for (ulong from = 0; memory.TryDescribe(from, out AreaDescription area); from = area.End)
        {
            AreaUse use = memory.Measure(area.Start, area.End);
            first = first == 0 ? area.Start : first;
            last = area.End;
            all += use;
            ulong own = area.File is null ? use.Resident : use.PrivateDirty;
            anonymous += own;
            file += use.Resident - own;
            locked += (area.Flags & AreaFlags.Locked) != 0 ? use.Resident : 0;
            area.File?.Release();
        }

        memory.ReleaseUser();
        to.AddHex(first, 8).Add('-').AddHex(last, 8).Add(" ---p 00000000 00:00 0 "u8).Fill(26, ' ').Add("[rollup]\n"u8);
        ulong proportional = all.PrivateClean + all.PrivateDirty + ((all.SharedClean + all.SharedDirty) / 2);
        Pages(to, "Rss", all.Resident);
        Pages(to, "Pss", proportional);
        Pages(to, "Pss_Anon", Math.Min(anonymous, proportional));
        Pages(to, "Pss_File", proportional - Math.Min(anonymous, proportional));
        Pages(to, "Pss_Shmem", 0);
        Pages(to, "Shared_Clean", all.SharedClean);
        Pages(to, "Shared_Dirty", all.SharedDirty);
        Pages(to, "Private_Clean", all.PrivateClean);
        Pages(to, "Private_Dirty", all.PrivateDirty);
        Pages(to, "Referenced", all.Referenced);
        Pages(to, "Anonymous", anonymous);
        foreach (string none in (string[])["LazyFree", "AnonHugePages", "ShmemPmdMapped", "FilePmdMapped", "Shared_Hugetlb", "Private_Hugetlb", "Swap", "SwapPss"])
        {
            Pages(to, none, 0);
        }

        Pages(to, "Locked", locked);
        return Errno.Ok;
    }

    /// <summary>mountstats.</summary>
    public static Errno MountStatistics(ProcSubject subject, TextBuilder to)
    {
        byte[] path = new byte[PathLimits.PathMaximum];
        foreach (Mount mount in MountTable.All)
        {
            int length = ProcPaths.Get(new VfsPath(mount, mount.Root), path);
            to.Add("device "u8).Add(mount.Source.Length == 0 ? "none" : mount.Source).Add(" mounted on "u8).AddEscaped(path.AsSpan(0, length)).Add(" with fstype "u8).Add(mount.FileSystem.Type.Name).Line();
        }

        return Errno.Ok;
    }

    /// <summary>coredump_filter: no core is written, so that none of it is.</summary>
    public static Errno CoreFilter(ProcSubject subject, TextBuilder to)
    {
        to.Add("00000000\n"u8);
        return Errno.Ok;
    }

    /// <summary>sessionid of an audit session: there is none.</summary>
    public static Errno AuditSession(ProcSubject subject, TextBuilder to)
    {
        to.Add((long)uint.MaxValue);
        return Errno.Ok;
    }

    /// <summary>uid_map and gid_map: the one user namespace maps each id to itself.</summary>
    public static Errno IdentityMap(ProcSubject subject, TextBuilder to)
    {
        to.Add("         0          0 4294967295\n"u8);
        return Errno.Ok;
    }

    /// <summary>setgroups.</summary>
    public static Errno SetGroups(ProcSubject subject, TextBuilder to)
    {
        to.Add("allow\n"u8);
        return Errno.Ok;
    }

    /// <summary>task/TID/children: of the children of the process those that the thread made are not told apart, so all are with its first thread.</summary>
    [MightSleep]
    public static Errno Children(ProcSubject subject, TextBuilder to)
    {
        if (subject.Process is not { } parent || !ReferenceEquals(subject.Thread, parent.Leader))
        {
            return Errno.Ok;
        }

        for (Process? process = ProcessTable.Next(0); process is not null; process = ProcessTable.Next(process.Id))
        {
            if (ReferenceEquals(process.Parent, parent))
            {
                to.Add((long)process.Id).Add(' ');
            }
        }

        return Errno.Ok;
    }

    private static bool MayAdjust(ProcSubject subject) =>
        ReferenceEquals(subject.Thread, UserThread.Current) || (subject.KernelTask is null && Credentials.Current.Has(Capability.SysNice));

    private static void Pages(TextBuilder to, string name, ulong pages) => to.Add(name).Add(':').AddRight((long)(pages * KibibytesPerPage), 23 - name.Length).Add(" kB\n"u8);
}
