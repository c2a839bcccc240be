using System;
using CosmosKernel.Files.SystemFiles;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>The texts of /proc/PID that programs parse, exactly as proc(5) has them. Pure.</summary>
public static class ProcessFormats
{
    private const ulong NanosecondsPerTick = 10_000_000;
    private const int PageKibibytes = 4;

    /// <summary>/proc/PID/stat: one line of 52 fields.</summary>
    public static void Stat(TextBuilder to, ProcessReport report)
    {
        MemoryReport memory = report.Memory ?? default;
        to.Add((long)report.Id).Add(" ("u8).Add(report.Name).Add(") "u8).Add(report.State);
        Field(to, report.Parent);
        Field(to, report.Group);
        Field(to, report.Session);
        Field(to, (long)report.Terminal);
        Field(to, report.Foreground);
        Field(to, (long)report.Flags);
        Field(to, report.MinorFaults);
        Field(to, report.ChildMinorFaults);
        Field(to, report.MajorFaults);
        Field(to, report.ChildMajorFaults);
        Field(to, (long)(report.UserTime / NanosecondsPerTick));
        Field(to, (long)(report.SystemTime / NanosecondsPerTick));
        Field(to, (long)(report.ChildUserTime / NanosecondsPerTick));
        Field(to, (long)(report.ChildSystemTime / NanosecondsPerTick));
        Field(to, report.Priority);
        Field(to, report.Nice);
        Field(to, report.Threads);
        Field(to, 0);
        Field(to, (long)(report.StartTime / NanosecondsPerTick));
        Field(to, (long)(memory.Total * 4096));
        Field(to, (long)memory.Resident);
        to.Add(' ').Add(report.ResidentLimit);
        Addresses(to, memory.CodeStart, memory.CodeEnd, memory.StackStart);
        Field(to, 0);
        Field(to, 0);
        Field(to, (long)report.Pending & 0x7FFF_FFFF);
        Field(to, (long)report.Blocked & 0x7FFF_FFFF);
        Field(to, (long)report.Ignored & 0x7FFF_FFFF);
        Field(to, (long)report.Handled & 0x7FFF_FFFF);
        Field(to, report.IsWaiting ? 1 : 0);
        Field(to, 0);
        Field(to, 0);
        Field(to, report.ExitSignal);
        Field(to, report.Cpu);
        Field(to, report.RealTimePriority);
        Field(to, report.Policy);
        Field(to, 0);
        Field(to, 0);
        Field(to, 0);
        Addresses(to, memory.DataStart, memory.DataEnd, memory.HeapStart);
        Addresses(to, memory.ArgumentsStart, memory.ArgumentsEnd, memory.EnvironmentStart);
        Field(to, (long)memory.EnvironmentEnd);
        Field(to, report.ExitStatus);
        to.Line();
    }

    /// <summary>/proc/PID/statm: size, resident, shared, text, lib, data, dt.</summary>
    public static void Statm(TextBuilder to, ProcessReport report)
    {
        MemoryReport memory = report.Memory ?? default;
        ulong code = (memory.CodeEnd - memory.CodeStart + 4095) / 4096;
        to.Add(memory.Total);
        Field(to, (long)memory.Resident);
        Field(to, (long)(memory.File + memory.Shared));
        Field(to, (long)code);
        Field(to, 0);
        Field(to, (long)(memory.Data + memory.Stack));
        Field(to, 0);
        to.Line();
    }

    /// <summary>/proc/PID/status: a line for each value.</summary>
    public static void Status(TextBuilder to, ProcessReport report)
    {
        to.Add("Name:\t"u8).Add(report.Name).Line();
        if (report.Umask >= 0)
        {
            to.Add("Umask:\t"u8).AddOctal((uint)report.Umask, 4).Line();
        }

        to.Add("State:\t"u8).Add(report.State).Add(" ("u8).Add(StateName(report.State)).Add(")\n"u8);
        Line(to, "Tgid", report.ProcessId);
        Line(to, "Ngid", 0);
        Line(to, "Pid", report.Id);
        Line(to, "PPid", report.Parent);
        Line(to, "TracerPid", 0);
        Ids(to, "Uid", report.Users);
        Ids(to, "Gid", report.Groups);
        Line(to, "FDSize", report.DescriptorSlots);
        to.Add("Groups:\t"u8);
        foreach (uint group in report.Supplementary)
        {
            to.Add((long)group).Add(' ');
        }

        to.Line();
        Line(to, "NStgid", report.ProcessId);
        Line(to, "NSpid", report.Id);
        Line(to, "NSpgid", report.Group);
        Line(to, "NSsid", report.Session);
        if (report.Memory is { } memory)
        {
            StatusMemory(to, memory);
        }

        Line(to, "CoreDumping", 0);
        Line(to, "THP_enabled", 0);
        Line(to, "Threads", report.Threads);
        to.Add("SigQ:\t"u8).Add(report.QueuedSignals.Count).Add('/').Add(report.QueuedSignals.Limit).Line();
        Mask(to, "SigPnd", report.Pending);
        Mask(to, "ShdPnd", report.SharedPending);
        Mask(to, "SigBlk", report.Blocked);
        Mask(to, "SigIgn", report.Ignored);
        Mask(to, "SigCgt", report.Handled);
        Mask(to, "CapInh", report.Capabilities.Inheritable);
        Mask(to, "CapPrm", report.Capabilities.Permitted);
        Mask(to, "CapEff", report.Capabilities.Effective);
        Mask(to, "CapBnd", report.Capabilities.Bounding);
        Mask(to, "CapAmb", report.Capabilities.Ambient);
        Line(to, "NoNewPrivs", report.NoNewPrivileges ? 1 : 0);
        Line(to, "Seccomp", report.SeccompMode);
        Line(to, "Seccomp_filters", report.SeccompFilters);
        to.Add("Cpus_allowed:\t"u8);
        CpuMask(to, report.AllowedCpus);
        to.Add("\nCpus_allowed_list:\t"u8);
        CpuList(to, report.AllowedCpus);
        to.Line();
        to.Add("Mems_allowed:\t00000001\nMems_allowed_list:\t0\n"u8);
        Line(to, "voluntary_ctxt_switches", report.VoluntarySwitches);
        Line(to, "nonvoluntary_ctxt_switches", report.InvoluntarySwitches);
    }

    /// <summary>A set of CPUs as groups of 8 hexadecimal digits with commas between.</summary>
    /// <param name="to">Where it goes.</param>
    /// <param name="words">Bits of 64 CPUs each, the lowest CPUs first.</param>
    public static void CpuMask(TextBuilder to, ReadOnlySpan<ulong> words)
    {
        int highest = words.Length * 2 - 1;
        while (highest > 0 && Half(words, highest) == 0)
        {
            highest--;
        }

        to.AddHex(Half(words, highest), highest == 0 ? 1 : 8);
        for (int i = highest - 1; i >= 0; i--)
        {
            to.Add(',').AddHex(Half(words, i), 8);
        }

        static uint Half(ReadOnlySpan<ulong> words, int index) => (uint)(words[index / 2] >> (index % 2 * 32));
    }

    /// <summary>A set of CPUs as a list of ranges, such as <c>0-3,5</c>.</summary>
    public static void CpuList(TextBuilder to, ReadOnlySpan<ulong> words)
    {
        bool isFirst = true;
        for (int cpu = 0; cpu < words.Length * 64; cpu++)
        {
            if (!Has(words, cpu))
            {
                continue;
            }

            int last = cpu;
            while (last + 1 < words.Length * 64 && Has(words, last + 1))
            {
                last++;
            }

            if (!isFirst)
            {
                to.Add(',');
            }

            to.Add((long)cpu);
            if (last > cpu)
            {
                to.Add('-').Add((long)last);
            }

            isFirst = false;
            cpu = last;
        }

        static bool Has(ReadOnlySpan<ulong> words, int cpu) => (words[cpu / 64] >> (cpu % 64) & 1) != 0;
    }

    private static void StatusMemory(TextBuilder to, in MemoryReport memory)
    {
        ulong text = Math.Min((memory.CodeEnd - memory.CodeStart + 4095) / 4096, memory.Code);
        Pages(to, "VmPeak", memory.PeakTotal);
        Pages(to, "VmSize", memory.Total);
        Pages(to, "VmLck", memory.Locked);
        Pages(to, "VmPin", 0);
        Pages(to, "VmHWM", memory.PeakResident);
        Pages(to, "VmRSS", memory.Resident);
        Pages(to, "RssAnon", memory.Anonymous);
        Pages(to, "RssFile", memory.File);
        Pages(to, "RssShmem", memory.Shared);
        Pages(to, "VmData", memory.Data);
        Pages(to, "VmStk", memory.Stack);
        Pages(to, "VmExe", text);
        Pages(to, "VmLib", memory.Code - text);
        to.Add("VmPTE:\t"u8).AddRight((long)(memory.TableBytes / 1024), 8).Add(" kB\n"u8);
        Pages(to, "VmSwap", 0);
        Pages(to, "HugetlbPages", 0);
    }

    private static string StateName(char state) => state switch
    {
        'R' => "running",
        'S' => "sleeping",
        'D' => "disk sleep",
        'T' => "stopped",
        'Z' => "zombie",
        'I' => "idle",
        _ => "dead",
    };

    private static void Field(TextBuilder to, long value) => to.Add(' ').Add(value);

    private static void Addresses(TextBuilder to, ulong first, ulong second, ulong third) => to.Add(' ').Add(first).Add(' ').Add(second).Add(' ').Add(third);

    private static void Line(TextBuilder to, string name, long value) => to.Add(name).Add(":\t"u8).Add(value).Line();

    private static void Mask(TextBuilder to, string name, ulong bits) => to.Add(name).Add(":\t"u8).AddHex(bits, 16).Line();

    private static void Pages(TextBuilder to, string name, ulong pages) => to.Add(name).Add(":\t"u8).AddRight((long)pages * PageKibibytes, 8).Add(" kB\n"u8);

    private static void Ids(TextBuilder to, string name, (uint Real, uint Effective, uint Saved, uint File) ids) =>
        to.Add(name).Add(":\t"u8).Add((long)ids.Real).Add('\t').Add((long)ids.Effective).Add('\t').Add((long)ids.Saved).Add('\t').Add((long)ids.File).Line();
}
