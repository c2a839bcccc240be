using System;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Block;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Locks;
using CosmosKernel.Files.Notification;
using CosmosKernel.Files.Sockets;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Files.Terminals;
using CosmosKernel.Files.Users;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Modules.Loading;
using CosmosKernel.Processes.Memory;
using CosmosKernel.Processes.Seccomp;
using CosmosKernel.Runtime.Services;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>/proc/sys: what can be read and set of the kernel (proc(5), sysctl(8)). Those that mean something here; a value that cannot be changed is read-only.</summary>
internal static class SysctlTree
{
    private const long Unlimited = -1;
    private const long LeastThreads = 20;
    private const int LongestText = 127;

    // A version 4 UUID that stays until the machine is booted again.
    private static readonly string s_bootId = NewUuid();

    public static void Build(FixedDirectory sys)
    {
        FixedDirectory kernel = sys.AddDirectory("kernel");
        FixedDirectory files = sys.AddDirectory("fs");
        BuildKernel(kernel);
        BuildMemory(sys.AddDirectory("vm"));
        BuildFiles(files);
        IpcSysctl.Build(kernel, files);
        BuildNetwork(sys.AddDirectory("net"));
    }

    private static void BuildKernel(FixedDirectory kernel)
    {
        kernel.Add("ostype", to => to.Add(SystemNames.System).Line());
        kernel.Add("osrelease", to => to.Add(SystemNames.Release).Line());
        kernel.Add("version", to => to.Add(SystemNames.Version).Line());
        kernel.Add("arch", to => to.Add(SystemNames.Machine).Line());
        kernel.Add("hostname", to => to.Add(SystemNames.Host).Line(), text => SetName(text, name => SystemNames.Host = name));
        kernel.Add("domainname", to => to.Add(SystemNames.Domain).Line(), text => SetName(text, name => SystemNames.Domain = name));
        Number(kernel, "pid_max", () => ProcessIds.Limit, value => ProcessIds.Limit = (int)value, ProcessIds.LowestLimit, ProcessIds.HighestLimit);
        Number(kernel, "threads-max", () => UserAccount.MostThreads, value => UserAccount.MostThreads = (int)value, LeastThreads, int.MaxValue);
        Number(kernel, "ns_last_pid", () => ProcessIds.Last);
        Number(kernel, "cap_last_cap", () => CapabilitySet.Last);
        Number(kernel, "ngroups_max", () => 65_536);
        Number(kernel, "overflowuid", () => 65_534);
        Number(kernel, "overflowgid", () => 65_534);
        Number(kernel, "randomize_va_space", () => 2);
        Number(kernel, "tainted", () => 0);
        Number(kernel, "panic", () => 0);
        Number(kernel, "sched_rr_timeslice_ms", () => (long)(SchedulingLimits.RoundRobinSlice / 1_000_000), value => SchedulingLimits.RoundRobinSlice = (ulong)value * 1_000_000, 1, 1000);
        Number(kernel, "sched_rt_period_us", () => (long)(SchedulingLimits.RealTimePeriod / 1000), value => SchedulingLimits.RealTimePeriod = (ulong)value * 1000, 1, int.MaxValue);
        Number(
            kernel, "sched_rt_runtime_us",
            () => SchedulingLimits.RealTimeRuntime == SchedulingLimits.Unlimited ? Unlimited : (long)(SchedulingLimits.RealTimeRuntime / 1000),
            value => SchedulingLimits.RealTimeRuntime = value == Unlimited ? SchedulingLimits.Unlimited : (ulong)value * 1000, Unlimited, int.MaxValue);
        FixedDirectory seccomp = kernel.AddDirectory("seccomp");
        seccomp.Add("actions_avail", to => to.Add(SeccompLog.Available).Line());
        seccomp.Add("actions_logged", to => to.Add(SeccompLog.Logged).Line(), SetLoggedActions);
        Number(kernel, "modules_disabled", () => ModuleSettings.IsDisabled ? 1 : 0, _ => ModuleSettings.Disable(), 1, 1);
        Text(kernel, "modprobe", "/sbin/modprobe");
        Kept(kernel, "sysrq", 0, 0, 511);
        Kept(kernel, "core_uses_pid", 0, 0, 1);
        Text(kernel, "core_pattern", "core");
        FixedDirectory random = kernel.AddDirectory("random");
        random.Add("boot_id", to => to.Add(s_bootId).Line());
        random.Add("uuid", to => to.Add(NewUuid()).Line());
        Number(random, "entropy_avail", () => 256);
        Number(random, "poolsize", () => 256);
        FixedDirectory pty = kernel.AddDirectory("pty");
        Number(pty, "max", () => PseudoTerminals.Maximum);
        Number(pty, "nr", () => PseudoTerminals.Count);
    }

    private static void BuildMemory(FixedDirectory vm)
    {
        Number(vm, "mmap_min_addr", () => 65_536);
        Number(vm, "max_map_count", () => AddressSpace.MaximumAreas, value => AddressSpace.MaximumAreas = (int)value, 0, int.MaxValue);
        Number(vm, "nr_hugepages", () => 0);
        Number(vm, "overcommit_memory", () => (long)CommittedMemory.Policy, value => CommittedMemory.Policy = (OvercommitPolicy)value, 0, (long)OvercommitPolicy.Never);
        Number(vm, "overcommit_ratio", () => CommittedMemory.Ratio, value => CommittedMemory.Ratio = (int)value, 0, int.MaxValue);
        Number(vm, "overcommit_kbytes", () => CommittedMemory.LimitKibibytes, value => CommittedMemory.LimitKibibytes = value, 0, long.MaxValue);
        Number(vm, "panic_on_oom", () => OutOfMemory.Panics, value => OutOfMemory.Panics = (int)value, 0, 2);
        Number(vm, "oom_kill_allocating_task", () => OutOfMemory.KillsAsker ? 1 : 0, value => OutOfMemory.KillsAsker = value != 0, 0, int.MaxValue);
        Number(vm, "oom_dump_tasks", () => OutOfMemory.ListsTasks ? 1 : 0, value => OutOfMemory.ListsTasks = value != 0, 0, int.MaxValue);
        Number(
            vm, "min_free_kbytes", () => (long)(FrameAllocator.Reserve * Frame.Size / 1024), value => FrameAllocator.Reserve = (nuint)value * 1024 / Frame.Size, 128,
            (long)(FrameAllocator.ManagedFrames * Frame.Size / 1024 / 4));
        vm.Add("drop_caches", _ => { }, DropCaches, 0x80);

        // What is not there to be tuned, such as swap, can be set and asked as on a Linux without them.
        Kept(vm, "swappiness", 60, 0, 200);
        Number(vm, "dirty_ratio", () => Writeback.Ratio, value => Writeback.Ratio = value, 0, 100);
        Number(vm, "dirty_bytes", () => Writeback.Bytes, value => Writeback.Bytes = value, 8192, long.MaxValue);
        Number(vm, "dirty_background_ratio", () => Writeback.BackgroundRatio, value => Writeback.BackgroundRatio = value, 0, 100);
        Number(vm, "dirty_background_bytes", () => Writeback.BackgroundBytes, value => Writeback.BackgroundBytes = value, 1, long.MaxValue);
        Number(vm, "dirty_expire_centisecs", () => Writeback.ExpireCentiseconds, value => Writeback.ExpireCentiseconds = value, 0, int.MaxValue);
        Number(vm, "dirty_writeback_centisecs", () => Writeback.IntervalCentiseconds, value => Writeback.IntervalCentiseconds = value, 0, int.MaxValue);
        Kept(vm, "page-cluster", 3, 0, 31);
        Kept(vm, "vfs_cache_pressure", 100, 0, int.MaxValue);
        Kept(vm, "laptop_mode", 0, 0, int.MaxValue);
    }

    private static void BuildFiles(FixedDirectory fs)
    {
        Number(fs, "file-max", () => long.MaxValue);
        fs.Add("file-nr", to => to.Add(OpenFileCount.Now).Add("\t0\t"u8).Add(long.MaxValue).Line());
        Number(fs, "overflowuid", () => 65_534);
        Number(fs, "overflowgid", () => 65_534);
        Number(fs, "leases-enable", () => FileLeases.AreEnabled, value => FileLeases.AreEnabled = (int)value, 0, int.MaxValue);
        Number(fs, "lease-break-time", () => FileLeases.BreakTime, value => FileLeases.BreakTime = (int)value, 0, int.MaxValue);
        FixedDirectory inotify = fs.AddDirectory("inotify");
        Number(inotify, "max_queued_events", () => InotifyLimits.QueuedEvents, value => InotifyLimits.QueuedEvents = (int)value, 0, int.MaxValue);
        Number(inotify, "max_user_instances", () => InotifyLimits.Instances, value => InotifyLimits.Instances = (int)value, 0, int.MaxValue);
        Number(inotify, "max_user_watches", () => InotifyLimits.Watches, value => InotifyLimits.Watches = (int)value, 0, int.MaxValue);
        Number(fs, "nr_open", () => FileTable.Maximum);
        Number(fs, "pipe-max-size", () => 1 << 20);
        Number(fs, "pipe-user-pages-hard", () => 0);
        Number(fs, "pipe-user-pages-soft", () => 16_384);
    }

    private static void BuildNetwork(FixedDirectory net)
    {
        const int SmallestSend = 4608;
        const int SmallestReceive = 2304;
        FixedDirectory core = net.AddDirectory("core");
        Number(core, "somaxconn", () => SocketSettings.Backlog, value => SocketSettings.Backlog = (int)value, 0, int.MaxValue);
        Number(core, "wmem_default", () => SocketSettings.SendDefault, value => SocketSettings.SendDefault = (int)value, SmallestSend, int.MaxValue);
        Number(core, "wmem_max", () => SocketSettings.SendMaximum, value => SocketSettings.SendMaximum = (int)value, SmallestSend, int.MaxValue);
        Number(core, "rmem_default", () => SocketSettings.ReceiveDefault, value => SocketSettings.ReceiveDefault = (int)value, SmallestReceive, int.MaxValue);
        Number(core, "rmem_max", () => SocketSettings.ReceiveMaximum, value => SocketSettings.ReceiveMaximum = (int)value, SmallestReceive, int.MaxValue);
        Number(core, "optmem_max", () => SocketSettings.Control, value => SocketSettings.Control = (int)value, 0, int.MaxValue);
        Number(net.AddDirectory("unix"), "max_dgram_qlen", () => SocketSettings.QueuedMessages, value => SocketSettings.QueuedMessages = (int)value, 0, int.MaxValue);
    }

    private static void Number(FixedDirectory directory, string name, Func<long> get) => directory.Add(name, to => to.Add(get()).Line());

    internal static void Number(FixedDirectory directory, string name, Func<long> get, Action<long> set, long least, long most) => directory.Add(name, to => to.Add(get()).Line(), text =>
    {
        text = text.TrimStart((byte)' ');
        if (!Utf8Parser.TryParse(text, out long value, out int used) || !text[used..].Trim(" \t\n\0"u8).IsEmpty || value < least || value > most)
        {
            return Errno.EINVAL;
        }

        set(value);
        return Errno.Ok;
    });

    private static Errno SetLoggedActions(ReadOnlySpan<byte> names) =>
        !Credentials.Current.Has(Capability.SysAdmin) ? Errno.EPERM : SeccompLog.TrySetLogged(names) ? Errno.Ok : Errno.EINVAL;

    private static void Kept(FixedDirectory directory, string name, long initial, long least, long most)
    {
        long[] value = [initial];
        Number(directory, name, () => Volatile.Read(ref value[0]), set => Volatile.Write(ref value[0], set), least, most);
    }

    private static void Text(FixedDirectory directory, string name, string initial)
    {
        string[] value = [initial];
        directory.Add(name, to => to.Add(Volatile.Read(ref value[0])).Line(), text =>
        {
            int end = text.IndexOfAny((byte)'\n', (byte)0);
            text = end < 0 ? text : text[..end];
            Volatile.Write(ref value[0], Encoding.UTF8.GetString(text[..Math.Min(text.Length, LongestText)]));
            return Errno.Ok;
        });
    }

    // proc_sys_vm(5): 1 is the page cache, which there is none of beside files in memory; 2 names and inodes; 3 both.
    private static Errno DropCaches(ReadOnlySpan<byte> text)
    {
        if (!Utf8Parser.TryParse(text, out int value, out int used) || !text[used..].Trim(" \t\n\0"u8).IsEmpty || value is < 1 or > 4)
        {
            return Errno.EINVAL;
        }

        if ((value & 1) != 0)
        {
            MemoryReclaim.DropPages();
        }

        if ((value & 2) != 0)
        {
            MemoryReclaim.DropNames();
        }
        else
        {
            MemoryReclaim.FreeUnreached();
        }

        return Errno.Ok;
    }

    private static Errno SetName(ReadOnlySpan<byte> text, Action<string> set)
    {
        int end = text.IndexOfAny((byte)'\n', (byte)0);
        text = end < 0 ? text : text[..end];
        if (text.Length > SystemNames.LongestName)
        {
            return Errno.EINVAL;
        }

        set(Encoding.UTF8.GetString(text));
        return Errno.Ok;
    }

    private static string NewUuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomSource.Fill(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        string digits = Convert.ToHexString(bytes).ToLower(CultureInfo.InvariantCulture);
        return $"{digits[..8]}-{digits[8..12]}-{digits[12..16]}-{digits[16..20]}-{digits[20..]}";
    }
}
