using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Processes.Memory;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>The short files of /proc/PID. Task context. Each gives ESRCH for what has ended.</summary>
internal static class ProcessTexts
{
    private const int LongestStrings = 1 << 20;

    [Immutable]
    private static readonly (string Name, int Resource, string Unit)[] s_limits =
    [
        ("Max cpu time", ResourceLimit.RLIMIT_CPU, "seconds"),
        ("Max file size", ResourceLimit.RLIMIT_FSIZE, "bytes"),
        ("Max data size", ResourceLimit.RLIMIT_DATA, "bytes"),
        ("Max stack size", ResourceLimit.RLIMIT_STACK, "bytes"),
        ("Max core file size", ResourceLimit.RLIMIT_CORE, "bytes"),
        ("Max resident set", ResourceLimit.RLIMIT_RSS, "bytes"),
        ("Max processes", ResourceLimit.RLIMIT_NPROC, "processes"),
        ("Max open files", ResourceLimit.RLIMIT_NOFILE, "files"),
        ("Max locked memory", ResourceLimit.RLIMIT_MEMLOCK, "bytes"),
        ("Max address space", ResourceLimit.RLIMIT_AS, "bytes"),
        ("Max file locks", ResourceLimit.RLIMIT_LOCKS, "locks"),
        ("Max pending signals", ResourceLimit.RLIMIT_SIGPENDING, "signals"),
        ("Max msgqueue size", ResourceLimit.RLIMIT_MSGQUEUE, "bytes"),
        ("Max nice priority", ResourceLimit.RLIMIT_NICE, ""),
        ("Max realtime priority", ResourceLimit.RLIMIT_RTPRIO, ""),
        ("Max realtime timeout", ResourceLimit.RLIMIT_RTTIME, "us"),
    ];

    public static Errno Stat(ProcSubject subject, TextBuilder to)
    {
        ProcessFormats.Stat(to, ProcessInspector.Inspect(subject));
        return Errno.Ok;
    }

    public static Errno Statm(ProcSubject subject, TextBuilder to)
    {
        ProcessFormats.Statm(to, ProcessInspector.Inspect(subject));
        return Errno.Ok;
    }

    public static Errno Status(ProcSubject subject, TextBuilder to)
    {
        ProcessFormats.Status(to, ProcessInspector.Inspect(subject));
        return Errno.Ok;
    }

    public static Errno Name(ProcSubject subject, TextBuilder to)
    {
        to.Add(ProcessInspector.NameOf(subject)).Line();
        return Errno.Ok;
    }

    public static Errno Arguments(ProcSubject subject, TextBuilder to) => subject.Thread?.Memory is not { Image: { } image } memory
        ? Errno.Ok
        : Strings(memory, image.ArgumentsStart, image.ArgumentsEnd, to);

    public static Errno Environment(ProcSubject subject, TextBuilder to) => subject.Thread?.Memory is not { Image: { } image } memory
        ? Errno.Ok
        : Strings(memory, image.EnvironmentStart, image.EnvironmentEnd, to);

    public static Errno AuxiliaryVector(ProcSubject subject, TextBuilder to)
    {
        if (subject.Thread?.Memory?.Image is { } image)
        {
            to.Add(image.AuxiliaryVector.Span);
        }

        return Errno.Ok;
    }

    public static Errno Limits(ProcSubject subject, TextBuilder to)
    {
        if (subject.Process is not { } process)
        {
            return Errno.ESRCH;
        }

        to.AddLeft("Limit", 26).AddLeft("Soft Limit", 21).AddLeft("Hard Limit", 21).AddLeft("Units", 10).Line();
        foreach ((string name, int resource, string unit) in s_limits)
        {
            ResourceLimitPair limit = process.Limits.Get(resource);
            to.AddLeft(name, 26).AddLeft(Number(limit.Current), 21).AddLeft(Number(limit.Maximum), 21);
            if (unit.Length > 0)
            {
                to.AddLeft(unit, 10);
            }

            to.Line();
        }

        return Errno.Ok;

        static string Number(ulong value) => value == ResourceLimit.RLIM_INFINITY ? "unlimited" : value.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    public static Errno Scheduling(ProcSubject subject, TextBuilder to)
    {
        if (subject.Task is not { } task)
        {
            return Errno.ESRCH;
        }

        ProcessReport report = ProcessInspector.Inspect(subject);
        to.Add(report.Name).Add(" ("u8).Add((long)report.Id).Add(", #threads: "u8).Add((long)report.Threads).Add(")\n"u8);
        to.Fill(67, '-').Line();
        ulong runtime = task.ReadCpuTime();
        to.AddLeft("se.sum_exec_runtime", 45).Add(':').AddRight((long)(runtime / 1_000_000), 14).Add('.').AddRight((long)(runtime % 1_000_000), 6, '0').Line();
        ulong waited = task.WaitNanoseconds;
        to.AddLeft("wait_sum", 45).Add(':').AddRight((long)(waited / 1_000_000), 14).Add('.').AddRight((long)(waited % 1_000_000), 6, '0').Line();
        Value(to, "nr_switches", report.VoluntarySwitches + report.InvoluntarySwitches);
        Value(to, "nr_voluntary_switches", report.VoluntarySwitches);
        Value(to, "nr_involuntary_switches", report.InvoluntarySwitches);
        Value(to, "policy", report.Policy);
        Value(to, "prio", report.Priority + 100);
        return Errno.Ok;

        static void Value(TextBuilder to, string name, long value) => to.AddLeft(name, 45).Add(':').AddRight(value, 21).Line();
    }

    public static Errno SchedulingStatistics(ProcSubject subject, TextBuilder to)
    {
        if (subject.Task is not { } task)
        {
            return Errno.ESRCH;
        }

        to.Add(task.ReadCpuTime()).Add(' ').Add(task.WaitNanoseconds).Add(' ').Add(task.VoluntarySwitches + task.InvoluntarySwitches).Line();
        return Errno.Ok;
    }

    public static Errno WaitChannel(ProcSubject subject, TextBuilder to)
    {
        string channel = subject.Task?.WaitChannel ?? "";
        to.Add(channel.Length == 0 ? "0" : channel.Replace(' ', '_'));
        return Errno.Ok;
    }

    public static Errno SystemCall(ProcSubject subject, TextBuilder to)
    {
        if (subject.Thread is not { } thread)
        {
            return Errno.ESRCH;
        }

        if (thread.Task.IsOnCpu)
        {
            to.Add("running\n"u8);
            return Errno.Ok;
        }

        ref UserRegisters registers = ref thread.Context.Registers;
        long number = thread.SystemCallNumber;
        to.Add(number);
        if (number >= 0)
        {
            ReadOnlySpan<ulong> arguments = [registers.Rdi, registers.Rsi, registers.Rdx, registers.R10, registers.R8, registers.R9];
            foreach (ulong argument in arguments)
            {
                to.Add(" 0x"u8).AddHex(argument);
            }
        }

        to.Add(" 0x"u8).AddHex(registers.Rsp).Add(" 0x"u8).AddHex(registers.Rip).Line();
        return Errno.Ok;
    }

    public static Errno Personality(ProcSubject subject, TextBuilder to)
    {
        to.AddHex(subject.Thread?.Personality ?? 0, 8).Line();
        return Errno.Ok;
    }

    public static Errno ControlGroup(ProcSubject subject, TextBuilder to)
    {
        to.Add("0::/\n"u8);
        return Errno.Ok;
    }

    public static Errno LoginUser(ProcSubject subject, TextBuilder to)
    {
        to.Add((long)uint.MaxValue);
        return Errno.Ok;
    }

    public static Errno Stack(ProcSubject subject, TextBuilder to)
    {
        Span<ulong> addresses = stackalloc ulong[32];
        int count = subject.Task is { } task ? Tasks.Runtime.TaskStacks.Capture(task, addresses) : 0;
        foreach (ulong address in addresses[..count])
        {
            to.Add("[<0>] "u8);
            if (CosmosKernel.Runtime.Exceptions.CodeNames.TryFind(address, out string type, out string method))
            {
                to.Add(type).Add('.').Add(method).Line();
            }
            else
            {
                to.Add("0x"u8).AddHex(address, 16).Line();
            }
        }

        return Errno.Ok;
    }

    // The strings as they are in the process's memory now: a program may change its arguments.
    [MightSleep]
    private static Errno Strings(AddressSpace memory, ulong start, ulong end, TextBuilder to)
    {
        if (!memory.TryAddUser())
        {
            return Errno.Ok;
        }

        Span<byte> part = stackalloc byte[512];
        ulong limit = Math.Min(end, start + LongestStrings);
        while (start < limit)
        {
            int wanted = (int)Math.Min((ulong)part.Length, limit - start);
            int count = memory.ReadRemote(start, part[..wanted]);
            to.Add(part[..count]);
            if (count < wanted)
            {
                break;
            }

            start += (ulong)count;
        }

        memory.ReleaseUser();
        return Errno.Ok;
    }
}
