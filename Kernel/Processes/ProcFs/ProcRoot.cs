using System;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Block;
using CosmosKernel.Files.Locks;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Network;
using CosmosKernel.Files.Sockets;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory;
using CosmosKernel.Processes.KernelModules;
using CosmosKernel.Tasks;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>/proc itself: the files about the system, then the processes by id, then the tasks of the kernel.</summary>
internal sealed class ProcRoot : FixedDirectory
{
    private const uint OwnerReads = 0x100;

    private readonly ProcFileSystem _procfs;

    public ProcRoot(ProcFileSystem procfs)
        : base(procfs)
    {
        _procfs = procfs;
        Add("self", new CurrentLink(procfs, isThread: false));
        Add("thread-self", new CurrentLink(procfs, isThread: true));
        AddLink("mounts", "self/mounts");
        if (FaultInjection.IsEnabled)
        {
            // In Linux a file of each thread; here it is about the thread that writes it.
            Add("fail-nth", to => to.Add((long)FaultInjection.Left).Line(), ArmFault);
        }

        Add("uptime", SystemReports.Uptime);
        Add("loadavg", SystemReports.Load);
        Add("meminfo", MemoryReports.Information);
        Add("stat", SystemReports.Statistics);
        Add("cpuinfo", CpuInformation.Write);
        Add("version", SystemReports.Version);
        Add("cmdline", SystemReports.CommandLine);
        Add("filesystems", SystemReports.FileSystemTypes);
        Add("devices", SystemReports.Devices);
        Add("locks", LockRegistry.Describe);
        Add("interrupts", SystemReports.Interrupts);
        Add("softirqs", SystemReports.SoftInterrupts);
        Add("partitions", BlockReports.Partitions);
        Add("swaps", SystemReports.Swaps);
        Add("vmstat", MemoryReports.Counters);
        Add("zoneinfo", MemoryReports.Zones);
        Add("diskstats", BlockReports.Statistics);
        Add("consoles", SystemReports.Consoles);
        IpcReports.Build(procfs, AddDirectory("sysvipc"));
        Add("buddyinfo", MemoryReports.FreeBlocks);
        Add("slabinfo", MemoryReports.Slabs, OwnerReads);
        Add("iomem", MemoryReports.PhysicalRanges, OwnerReads);
        Add("schedstat", SystemReports.Scheduling);
        Add("modules", ModuleReport.Write);
        Add("modules_unloading", ModuleReport.WriteUnloading);
        Add("execdomains", to => to.Add("0-0\tLinux           \t[kernel]\n"u8));
        Add("misc", _ => { });
        AddDirectory("net").Add("dev", NetworkReport.WriteDevices).Add("ptype", NetworkReport.WriteHandlers).Add("unix", UnixSocketReport.Write);
        SysctlTree.Build(AddDirectory("sys"));
    }

    private static Errno ArmFault(ReadOnlySpan<byte> text)
    {
        if (!Utf8Parser.TryParse(text, out int number, out int used) || !text[used..].Trim(" \t\n\0"u8).IsEmpty || number < 0)
        {
            return Errno.EINVAL;
        }

        FaultInjection.Arm(number);
        return Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Lookup(ReadOnlySpan<byte> name, out Inode? inode)
    {
        if (Utf8Parser.TryParse(name, out int id, out int used) && used == name.Length && name[0] is >= (byte)'1' and <= (byte)'9')
        {
            inode = ProcSubject.Find(id) is { } subject ? new ProcDirectory(_procfs, subject) : null;
            return inode is null ? Errno.ENOENT : Errno.Ok;
        }

        return base.Lookup(name, out inode);
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override bool TryNext(ref long position, out SystemEntry entry)
    {
        if (position < FixedCount)
        {
            return base.TryNext(ref position, out entry);
        }

        int id = (int)Math.Min(position - FixedCount, int.MaxValue);
        int next = NextId(id);
        if (next < 0)
        {
            entry = default;
            return false;
        }

        position = FixedCount + next;
        byte[] name = new byte[12];
        Utf8Formatter.TryFormat(next, name, out int length);
        entry = new SystemEntry(name.AsSpan(0, length), ProcDirectory.NumberOf(next, isThread: false), FileMode.Directory);
        return true;
    }

    private static int NextId(int after)
    {
        if (after < ProcSubject.KernelBase && ProcessTable.Next(after) is { } process)
        {
            return process.Id;
        }

        TaskStruct? task = TaskTable.Next(Math.Max(after - ProcSubject.KernelBase, 0));
        while (task is not null && task.Signals is UserThread)
        {
            task = TaskTable.Next(task.Pid);
        }

        return task is null ? -1 : ProcSubject.KernelBase + task.Pid;
    }

    /// <summary>/proc/self and /proc/thread-self: who follows them finds himself.</summary>
    private sealed class CurrentLink(ProcFileSystem procfs, bool isThread) : Inode(procfs, procfs.NextNumber(), new NewInode(FileMode.SymbolicLink | FileMode.AccessMask, 0, 0))
    {
        [MightSleep]
        public override Errno ReadLink(Span<byte> target, out int length)
        {
            length = 0;
            if (UserThread.Current is not { } thread)
            {
                return Errno.ENOENT;
            }

            string text = thread.Process.Id.ToString(CultureInfo.InvariantCulture);
            text = isThread ? text + "/task/" + thread.Id.ToString(CultureInfo.InvariantCulture) : text;
            length = Math.Min(text.Length, target.Length);
            Encoding.ASCII.GetBytes(text.AsSpan(0, length), target);
            return Errno.Ok;
        }
    }
}
