using System;
using System.Globalization;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Processes.ProcFs;
using CosmosKernel.Processes.SysFs;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tests.Terminals;

/// <summary>/proc and /sys as the kernel's own tasks see them.</summary>
public static class ProcTests
{
    /// <summary>/proc/uptime counts the time since boot.</summary>
    [KernelTest("file.proc_uptime_is_the_time_since_boot")]
    public static void Uptime()
    {
        double before = Clock.MonotonicNanoseconds / 1e9;
        string[] fields = Proc("uptime").TrimEnd().Split(' ');
        double after = Clock.MonotonicNanoseconds / 1e9;
        Check.Equal(2, fields.Length);

        // It has hundredths of a second.
        Check.InRange(before - 0.01, after, double.Parse(fields[0], CultureInfo.InvariantCulture));
    }

    /// <summary>/proc/meminfo tells of the memory that there is.</summary>
    [KernelTest("file.proc_meminfo_tells_of_all_memory")]
    public static void Memory()
    {
        string[] lines = Proc("meminfo").Split('\n');
        Check.Equal($"MemTotal:{FirmwareMemoryMap.UsableBytes / 1024,15} kB", lines[0]);
        Check.True(lines[1].StartsWith("MemFree: ", StringComparison.Ordinal), lines[1]);
    }

    /// <summary>/proc/stat has a line for each CPU, whose times are no more than there was.</summary>
    [KernelTest("file.proc_stat_has_a_line_for_each_cpu")]
    public static void Statistics()
    {
        string text = Proc("stat");
        ulong most = (Clock.MonotonicNanoseconds / 10_000_000) + 2;
        for (int cpu = 0; cpu < RunQueues.Count; cpu++)
        {
            string line = Array.Find(text.Split('\n'), line => line.StartsWith($"cpu{cpu} ", StringComparison.Ordinal)) ?? "";
            string[] fields = line.Split(' ');
            Check.Equal(11, fields.Length, line);
            ulong sum = 0;
            foreach (string field in fields[1..])
            {
                sum += ulong.Parse(field, CultureInfo.InvariantCulture);
            }

            Check.InRange(most / 2, most, sum, line);
        }

        Check.True(text.Contains("\nctxt ", StringComparison.Ordinal) && text.Contains("\nbtime ", StringComparison.Ordinal) && text.Contains("\nprocs_running ", StringComparison.Ordinal), text);
    }

    /// <summary>/proc/cpuinfo has a block for each CPU.</summary>
    [KernelTest("file.proc_cpuinfo_has_a_block_for_each_cpu")]
    public static void Cpus()
    {
        string[] blocks = Proc("cpuinfo").Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Check.Equal(RunQueues.Count, blocks.Length);
        Check.True(blocks[^1].StartsWith($"processor\t: {RunQueues.Count - 1}\n", StringComparison.Ordinal), blocks[^1]);
        Check.True(blocks[0].Contains("\nflags\t\t: fpu ", StringComparison.Ordinal), blocks[0]);
    }

    /// <summary>Tasks of the kernel are processes without a command line.</summary>
    [KernelTest("file.proc_shows_tasks_of_the_kernel")]
    public static void KernelTasks()
    {
        Inode root = Root(new ProcFsType());
        TaskStruct sleeper = KernelTask.Start(new TaskOptions { Name = "proc sleeper" }, () => { KernelTask.SleepUntil(Scheduler.Never); });
        string name = (4_194_304 + sleeper.Pid).ToString(CultureInfo.InvariantCulture);
        while (sleeper.State != TaskState.Interruptible)
        {
            KernelTask.Yield();
        }

        Check.True(Text(root, name, "stat").StartsWith($"{name} (proc sleeper) S 0 0 0 0 -1 2097152 ", StringComparison.Ordinal), Text(root, name, "stat"));
        Check.Equal("proc sleeper\n", Text(root, name, "comm"));
        Check.Equal("", Text(root, name, "cmdline"));
        Check.True(List(root).Contains($"|{name}|", StringComparison.Ordinal), "the task is not listed");
        Check.Equal(Errno.Ok, root.Lookup(Encoding.ASCII.GetBytes(name), out Inode? directory));
        sleeper.Kill();
        sleeper.Join();
        while (TaskTable.Find(sleeper.Pid) is not null)
        {
            KernelTask.Yield();
        }

        Check.Equal(Errno.ENOENT, directory!.Lookup("stat"u8, out _), "look-up in the directory of a task that has ended");
        Check.Equal(Errno.ENOENT, root.Lookup(Encoding.ASCII.GetBytes(name), out _));
    }

    /// <summary>A file is made anew for each read at its beginning; reads in small pieces are one text.</summary>
    [KernelTest("file.proc_files_are_made_when_they_are_read_from_the_start")]
    public static void ReadInPieces()
    {
        Inode root = Root(new ProcFsType());
        Check.Equal(Errno.Ok, root.Lookup("cpuinfo"u8, out Inode? inode));
        Check.Equal(Errno.Ok, inode!.Open(default, OpenFlags.ReadOnly, out OpenFile? file));
        var pieces = new StringBuilder();
        while (Devices.Read(file!, 7) is { Length: > 0 } piece)
        {
            pieces.Append(piece);
        }

        Check.Equal(0L, file!.Seek(0, 0));
        Check.Equal(Devices.Read(file, 65_536), pieces.ToString());
        file.Release();
    }

    /// <summary>Numbers under /proc/sys can be set within their limits.</summary>
    [KernelTest("file.proc_sys_takes_values_within_their_limits")]
    public static void Sysctl()
    {
        Inode root = Root(new ProcFsType());
        string before = Text(root, "sys", "kernel", "pid_max");
        Inode inode = Find(root, "sys", "kernel", "pid_max");
        Check.Equal(Errno.Ok, inode.Open(default, OpenFlags.ReadWrite, out OpenFile? file));
        Devices.Write(file!, "40000\n");
        Check.Equal("40000\n", Text(root, "sys", "kernel", "pid_max"));
        foreach (string wrong in (string[])["1", "5000000", "x", "300 400", ""])
        {
            var source = new DataSource(Encoding.ASCII.GetBytes(wrong));
            Check.Equal(-(long)Errno.EINVAL, file!.Write(ref source, OpenFile.AtPosition), wrong);
        }

        Devices.Write(file!, before);
        file!.Release();
        Check.Equal(36 + 1, Text(root, "sys", "kernel", "random", "uuid").Length);
        Check.Equal(Text(root, "sys", "kernel", "random", "boot_id"), Text(root, "sys", "kernel", "random", "boot_id"));
        Check.True(Text(root, "sys", "kernel", "random", "uuid") != Text(root, "sys", "kernel", "random", "uuid"), "two UUIDs are the same");
    }

    /// <summary>/sys tells which CPUs there are.</summary>
    [KernelTest("file.sysfs_tells_of_the_cpus")]
    public static void SysfsCpus()
    {
        Inode root = Root(new SysFsType());
        string expected = RunQueues.Count == 1 ? "0\n" : $"0-{RunQueues.Count - 1}\n";
        Check.Equal(expected, Text(root, "devices", "system", "cpu", "online"));
        Check.Equal("0\n", Text(root, "devices", "system", "cpu", "cpu0", "topology", "thread_siblings_list"));
    }

    [MightSleep]
    private static string Proc(string name) => Text(Root(new ProcFsType()), name);

    [MightSleep]
    private static Inode Root(FileSystemType type)
    {
        Check.Equal(Errno.Ok, type.Mount("none", "", out FileSystem? fileSystem));
        return fileSystem!.Root;
    }

    [MightSleep]
    private static Inode Find(Inode inode, params string[] names)
    {
        foreach (string name in names)
        {
            Check.Equal(Errno.Ok, inode.Lookup(Encoding.ASCII.GetBytes(name), out Inode? next), name);
            inode = next!;
        }

        return inode;
    }

    [MightSleep]
    private static string Text(Inode root, params string[] names)
    {
        Check.Equal(Errno.Ok, Find(root, names).Open(default, OpenFlags.ReadOnly, out OpenFile? file));
        var text = new StringBuilder();
        while (Devices.Read(file!) is { Length: > 0 } piece)
        {
            text.Append(piece);
        }

        file!.Release();
        return text.ToString();
    }

    [MightSleep]
    private static string List(Inode directory)
    {
        Check.Equal(Errno.Ok, directory.Open(default, OpenFlags.ReadOnly, out OpenFile? file));
        var names = new StringBuilder("|");
        byte[] records = new byte[8192];
        while (true)
        {
            var sink = new DirectorySink(new DataSink(records));
            Check.Equal(Errno.Ok, file!.ReadDirectory(ref sink));
            if (sink.Written == 0)
            {
                break;
            }

            for (int at = 0; at < sink.Written; at += BitConverter.ToUInt16(records, at + 16))
            {
                int end = Array.IndexOf(records, (byte)0, at + 19);
                names.Append(Encoding.ASCII.GetString(records, at + 19, end - at - 19)).Append('|');
            }
        }

        file.Release();
        return names.ToString();
    }
}
