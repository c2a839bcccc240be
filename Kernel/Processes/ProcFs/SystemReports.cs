using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using CosmosKernel.Files.Block;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Files.Terminals;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>The texts of /proc about the system as a whole (proc(5)). Task context.</summary>
internal static class SystemReports
{
    private const ulong NanosecondsPerTick = 10_000_000;
    private const ulong NanosecondsPerSecond = 1_000_000_000;

    public static void Uptime(TextBuilder to)
    {
        ulong idle = 0;
        for (int cpu = 0; RunQueues.Get(cpu) is { } queue; cpu++)
        {
            idle += queue.Idle.ReadCpuTime();
        }

        to.AddHundredths(Clock.MonotonicNanoseconds / NanosecondsPerTick).Add(' ').AddHundredths(idle / NanosecondsPerTick).Line();
    }

    public static void Load(TextBuilder to)
    {
        for (int i = 0; i < 3; i++)
        {
            // Rounded to the nearest hundredth.
            ulong hundredths = ((LoadAverage.Get(i) * 100) + (LoadAverage.One / 2)) / LoadAverage.One;
            to.AddHundredths(hundredths).Add(' ');
        }

        to.Add((long)LoadAverage.CountRunnable()).Add('/').Add((long)TaskTable.Count).Add(' ').Add((long)ProcessIds.Last).Line();
    }

    public static void Version(TextBuilder to) =>
        to.Add(SystemNames.System).Add(" version "u8).Add(SystemNames.Release).Add(" (kernel@cosmos) (NativeAOT) "u8).Add(SystemNames.Version).Line();

    public static void CommandLine(TextBuilder to) => to.Add(KernelOptions.CommandLine).Line();

    public static void FileSystemTypes(TextBuilder to)
    {
        foreach (FileSystemType type in FileSystems.All)
        {
            to.Add(type.NeedsDevice ? ""u8 : "nodev"u8).Add('\t').Add(type.Name).Line();
        }
    }

    [MightSleep]
    public static void Devices(TextBuilder to)
    {
        var names = new SortedSet<(uint, string)> { (1, "mem"), (4, "tty"), (4, "ttyS"), (5, "/dev/tty"), (5, "/dev/console"), (5, "/dev/ptmx"), (136, "pts") };
        names.UnionWith(CharacterDevices.Names);
        to.Add("Character devices:\n"u8);
        foreach ((uint major, string name) in names)
        {
            to.AddRight(major, 3).Add(' ').Add(name).Line();
        }

        to.Add("\nBlock devices:\n"u8);
        BlockReports.Majors(to);
    }

    public static void Swaps(TextBuilder to) => to.Add("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"u8);

    public static void Consoles(TextBuilder to)
    {
        if (ConsoleTerminal.Instance is { } console)
        {
            to.AddLeft(console.IsSerial ? "ttyS0" : "tty0", 21).Add("-W- (EC p  )  "u8).AddRight(console.Number.Major, 4).Add(':').Add((long)console.Number.Minor).Line();
        }
    }

    public static void Statistics(TextBuilder to)
    {
        ulong now = Clock.MonotonicNanoseconds;
        ulong idle = 0;
        ulong interrupts = 0;
        long switches = 0;
        int cpus = 0;
        for (; RunQueues.Get(cpus) is { } queue; cpus++)
        {
            idle += queue.Idle.ReadCpuTime();
            switches += queue.Switches;
            CpuReport.TryGet(cpus, out CpuReport report);
            interrupts += report.Interrupts;
        }

        (ulong user, ulong irq) = TimeInUserModeAndInterrupts();
        ulong busy = Math.Max((now * (ulong)cpus) - Math.Min(idle, now * (ulong)cpus), user + irq);
        to.Add("cpu  "u8);
        Times(to, user, busy - user - irq, idle, irq);
        for (int cpu = 0; RunQueues.Get(cpu) is { } queue; cpu++)
        {
            // What is known of each CPU is how long it was idle; the rest is divided as it is for all together.
            ulong its = queue.Idle.ReadCpuTime();
            ulong worked = now > its ? now - its : 0;
            ulong itsUser = Share(worked, user, busy);
            ulong itsIrq = Share(worked, irq, busy);
            to.Add("cpu"u8).Add((long)cpu).Add(' ');
            Times(to, itsUser, worked - itsUser - itsIrq, its, itsIrq);
        }

        to.Add("intr "u8).Add(interrupts).Line();
        to.Add("ctxt "u8).Add(switches).Line();
        to.Add("btime "u8).Add(Clock.BootNanoseconds / (long)NanosecondsPerSecond).Line();
        to.Add("processes "u8).Add((long)ProcessIds.Last).Line();
        to.Add("procs_running "u8).Add((long)LoadAverage.CountRunnable()).Line();
        to.Add("procs_blocked "u8).Add((long)CountBlocked()).Line();
        to.Add("softirq 0 0 0 0 0 0 0 0 0 0 0\n"u8);
    }

    public static void Interrupts(TextBuilder to)
    {
        to.Fill(11, ' ');
        int cpus = RunQueues.Count;
        for (int cpu = 0; cpu < cpus; cpu++)
        {
            to.Add("CPU"u8).AddLeft(cpu.ToString(CultureInfo.InvariantCulture), 8);
        }

        to.Line();
        for (int vector = Vectors.FirstDevice; vector <= Vectors.LastDevice; vector++)
        {
            for (InterruptHandler? handler = DeviceInterrupts.First(vector); handler is not null; handler = DeviceInterrupts.Next(handler))
            {
                int line = DeviceInterrupts.Line(vector);
                to.AddRight(line < 0 ? vector : line, 3).Add(": "u8);
                for (int cpu = 0; cpu < cpus; cpu++)
                {
                    to.AddRight((long)handler.CountOn(cpu), 10).Add(' ');
                }

                to.Add(line < 0 ? "  PCI-MSI "u8 : "  IO-APIC "u8).AddRight(line < 0 ? vector : line, 3).Add("-edge      "u8).Add(handler.Name).Line();
            }
        }

        to.Add("LOC: "u8);
        for (int cpu = 0; RunQueues.Get(cpu) is { } queue; cpu++)
        {
            to.AddRight(queue.ClockInterrupts, 10).Add(' ');
        }

        to.Add("  Local timer interrupts\nERR: "u8).AddRight((long)LocalApic.ErrorCount, 10).Line();
    }

    public static void SoftInterrupts(TextBuilder to)
    {
        to.Add("                "u8);
        for (int cpu = 0; cpu < RunQueues.Count; cpu++)
        {
            to.Add("       CPU"u8).Add((long)cpu);
        }

        to.Line();
    }

    /// <summary>/proc/schedstat (Documentation/scheduler/sched-stats.rst): of each CPU the times that tasks ran and waited; what is not counted is 0.</summary>
    public static void Scheduling(TextBuilder to)
    {
        to.Add("version 15\ntimestamp "u8).Add(Clock.MonotonicNanoseconds / NanosecondsPerTick).Line();
        ulong now = Clock.MonotonicNanoseconds;
        for (int cpu = 0; RunQueues.Get(cpu) is { } queue; cpu++)
        {
            ulong idle = queue.Idle.ReadCpuTime();
            to.Add("cpu"u8).Add((long)cpu).Add(" 0 0 "u8).Add(queue.Switches).Add(" 0 0 0 "u8).Add(now > idle ? now - idle : 0).Add(' ').Add(queue.WaitNanoseconds).Add(' ').Add(queue.Switches).Line();
        }
    }

    private static int CountBlocked()
    {
        int count = 0;
        for (TaskStruct? task = TaskTable.Next(0); task is not null; task = TaskTable.Next(task.Pid))
        {
            count += (task.State is TaskState.Uninterruptible or TaskState.Killable) && task.Signals is UserThread ? 1 : 0;
        }

        return count;
    }

    // Of all processes there are, and of those that have ended and were waited for as far as the first process knows of them.
    [MightSleep]
    private static (ulong User, ulong Interrupts) TimeInUserModeAndInterrupts()
    {
        ulong user = 0;
        for (Process? process = ProcessTable.Next(0); process is not null; process = ProcessTable.Next(process.Id))
        {
            user += process.ReadUsage().UserTime + process.ReadChildrenUsage().UserTime;
        }

        ulong irq = 0;
        for (TaskStruct? task = TaskTable.Next(0); task is not null; task = TaskTable.Next(task.Pid))
        {
            irq += task.InterruptTimeNanoseconds;
        }

        return (user, irq);
    }

    private static ulong Share(ulong all, ulong part, ulong whole) => whole == 0 ? 0 : (ulong)((UInt128)all * part / whole);

    // user nice system idle iowait irq softirq steal guest guest_nice
    private static void Times(TextBuilder to, ulong user, ulong system, ulong idle, ulong irq) =>
        to.Add(user / NanosecondsPerTick).Add(" 0 "u8).Add(system / NanosecondsPerTick).Add(' ').Add(idle / NanosecondsPerTick).Add(" 0 "u8).Add(irq / NanosecondsPerTick).Add(" 0 0 0 0\n"u8);
}
