using System.Globalization;
using CosmosKernel.Files.Block;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Files.Terminals;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Processes.KernelModules;
using CosmosKernel.Processes.ProcFs;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Processes.SysFs;

/// <summary>sysfs (sysfs(5)): what programs ask it about CPUs, memory and terminals. There is one; each mount shows the same.</summary>
public sealed class SysFileSystem : SystemFileSystem
{
    private const int HighestCpu = CpuSet.Capacity - 1;
    private const ulong MemoryBlockBytes = 128 << 20;

    private readonly FixedDirectory _root;

    [MightSleep]
    internal SysFileSystem(FileSystemType type)
        : base(type)
    {
        _root = new FixedDirectory(this);
        FixedDirectory devices = _root.AddDirectory("devices");
        FixedDirectory system = devices.AddDirectory("system");
        BuildCpus(system.AddDirectory("cpu"));
        BuildNodes(system.AddDirectory("node"));
        BuildMemory(system.AddDirectory("memory"));
        FixedDirectory classes = _root.AddDirectory("class");
        FixedDirectory virtuals = devices.AddDirectory("virtual");
        BuildClasses(classes, virtuals);
        BuildKernel(_root.AddDirectory("kernel"));
        FixedDirectory files = _root.AddDirectory("fs");
        files.AddDirectory("cgroup");
        FixedDirectory disks = _root.AddDirectory("block");
        _root.AddDirectory("bus");
        _root.Add("module", new ModuleDirectory(this));
        FixedDirectory numbers = _root.AddDirectory("dev");
        BlockDevices.Show(new BlockSysFs(virtuals.AddDirectory("block"), disks, classes.AddDirectory("block"), numbers.AddDirectory("block")));
        numbers.AddDirectory("char");
        SystemTree.Sys.Attach(this, _root);
    }

    /// <inheritdoc/>
    public override Inode Root => _root;

    /// <inheritdoc/>
    protected override long Magic => 0x6265_6572;

    private static void BuildCpus(FixedDirectory cpus)
    {
        cpus.Add("online", to => List(to, RunQueues.Online));
        cpus.Add("possible", to => List(to, RunQueues.Online));
        cpus.Add("present", to => List(to, RunQueues.Online));
        cpus.Add("offline", to => to.Line());
        cpus.Add("isolated", to => to.Line());
        cpus.Add("kernel_max", to => to.Add((long)HighestCpu).Line());
        for (int cpu = 0; cpu < RunQueues.Count; cpu++)
        {
            FixedDirectory directory = cpus.AddDirectory("cpu" + cpu.ToString(CultureInfo.InvariantCulture));
            BuildTopology(directory.AddDirectory("topology"), cpu);
        }
    }

    // Every CPU is a package of its own.
    private static void BuildTopology(FixedDirectory topology, int cpu)
    {
        var itself = CpuSet.Of(cpu);
        topology.Add("physical_package_id", to => to.Add((long)cpu).Line());
        topology.Add("die_id", to => to.Add((long)cpu).Line());
        topology.Add("core_id", to => to.Add(0L).Line());
        foreach (string name in (string[])["thread_siblings", "core_cpus", "core_siblings", "package_cpus", "die_cpus"])
        {
            topology.Add(name, to => Mask(to, itself));
            topology.Add(name + "_list", to => List(to, itself));
        }
    }

    private static void BuildNodes(FixedDirectory nodes)
    {
        foreach (string name in (string[])["online", "possible", "has_cpu", "has_memory", "has_normal_memory"])
        {
            nodes.Add(name, to => to.Add("0\n"u8));
        }

        FixedDirectory node = nodes.AddDirectory("node0");
        node.Add("cpumap", to => Mask(to, RunQueues.Online));
        node.Add("cpulist", to => List(to, RunQueues.Online));
        node.Add("distance", to => to.Add("10\n"u8));
        node.Add("meminfo", to =>
        {
            ulong total = FirmwareMemoryMap.UsableBytes / 1024;
            ulong free = FrameAllocator.FreeFrames * Frame.Size / 1024;
            to.Add("Node 0 MemTotal:       "u8).AddRight((long)total, 8).Add(" kB\n"u8);
            to.Add("Node 0 MemFree:        "u8).AddRight((long)free, 8).Add(" kB\n"u8);
            to.Add("Node 0 MemUsed:        "u8).AddRight((long)(total - free), 8).Add(" kB\n"u8);
        });
    }

    // Blocks of 128 MiB, as on Linux, as far as there is memory for use in them.
    private static void BuildMemory(FixedDirectory memory)
    {
        memory.Add("block_size_bytes", to => to.AddHex(MemoryBlockBytes).Line());
        for (ulong block = 0; block * MemoryBlockBytes < FirmwareMemoryMap.HighestUsable; block++)
        {
            if (HasMemory(block * MemoryBlockBytes))
            {
                ulong index = block;
                FixedDirectory directory = memory.AddDirectory("memory" + block.ToString(CultureInfo.InvariantCulture));
                directory.Add("phys_index", to => to.AddHex(index, 8).Line());
                directory.Add("online", to => to.Add("1\n"u8));
                directory.Add("state", to => to.Add("online\n"u8));
                directory.Add("removable", to => to.Add("0\n"u8));
                directory.Add("phys_device", to => to.Add("0\n"u8));
                directory.AddLink("node0", "../../node/node0");
            }
        }
    }

    private static bool HasMemory(ulong start)
    {
        for (int i = 0; i < FirmwareMemoryMap.Count; i++)
        {
            MemoryRange range = FirmwareMemoryMap.Get(i);
            if (range.Kind == MemoryKind.Usable && range.Start < start + MemoryBlockBytes && range.End > start)
            {
                return true;
            }
        }

        return false;
    }

    private static void BuildClasses(FixedDirectory classes, FixedDirectory devices)
    {
        FixedDirectory terminals = devices.AddDirectory("tty");
        FixedDirectory terminalClass = classes.AddDirectory("tty");
        Terminal(terminals, terminalClass, "console", "5:1").Add("active", to =>
        {
            if (ConsoleTerminal.Instance is { } console)
            {
                to.Add(console.IsSerial ? "ttyS0"u8 : "tty0"u8).Line();
            }
        });
        Terminal(terminals, terminalClass, "tty", "5:0");
        Terminal(terminals, terminalClass, "tty0", "4:0");
        Terminal(terminals, terminalClass, "tty1", "4:1");
        if (ConsoleTerminal.Instance is { IsSerial: true })
        {
            Terminal(terminals, terminalClass, "ttyS0", "4:64");
        }

        FixedDirectory memory = devices.AddDirectory("mem");
        FixedDirectory memoryClass = classes.AddDirectory("mem");
        DeviceOf(memory, memoryClass, "mem", "null", "1:3");
        DeviceOf(memory, memoryClass, "mem", "zero", "1:5");
        DeviceOf(memory, memoryClass, "mem", "full", "1:7");
        DeviceOf(memory, memoryClass, "mem", "random", "1:8");
        DeviceOf(memory, memoryClass, "mem", "urandom", "1:9");
        DeviceOf(memory, memoryClass, "mem", "kmsg", "1:11");
        classes.AddDirectory("net");
    }

    private static FixedDirectory Terminal(FixedDirectory devices, FixedDirectory itsClass, string name, string number) => DeviceOf(devices, itsClass, "tty", name, number);

    private static FixedDirectory DeviceOf(FixedDirectory devices, FixedDirectory itsClass, string className, string name, string number)
    {
        FixedDirectory directory = devices.AddDirectory(name);
        directory.Add("dev", to => to.Add(number).Line());
        directory.Add("uevent", to => to.Add("MAJOR="u8).Add(number.Replace(":", "\nMINOR=", System.StringComparison.Ordinal)).Add("\nDEVNAME="u8).Add(name).Line());
        itsClass.AddLink(name, $"../../devices/virtual/{className}/{name}");
        return directory;
    }

    // Where each frame of memory is: the sum is all of it.
    private static void Frames(TextBuilder to)
    {
        System.Span<ulong> frames = stackalloc ulong[FrameUses.Count];
        FrameUses.Read(frames);
        for (int use = 0; use < FrameUses.Count; use++)
        {
            to.AddLeft(((FrameUse)use).ToString(), 16).AddRight((long)frames[use], 10).Line();
        }
    }

    private static void BuildKernel(FixedDirectory kernel)
    {
        kernel.AddDirectory("debug").Add("frames", Frames, 0x100);
        FixedDirectory memory = kernel.AddDirectory("mm");
        memory.AddDirectory("hugepages");
        FixedDirectory huge = memory.AddDirectory("transparent_hugepage");
        huge.Add("enabled", to => to.Add("always madvise [never]\n"u8));
        huge.Add("defrag", to => to.Add("always defer defer+madvise madvise [never]\n"u8));
        huge.Add("hpage_pmd_size", to => to.Add("2097152\n"u8));
    }

    private static void Mask(TextBuilder to, CpuSet cpus)
    {
        ProcessFormats.CpuMask(to, ProcessInspector.WordsOf(cpus));
        to.Line();
    }

    private static void List(TextBuilder to, CpuSet cpus)
    {
        ProcessFormats.CpuList(to, ProcessInspector.WordsOf(cpus));
        to.Line();
    }
}
