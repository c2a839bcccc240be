using System;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Terminals;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Processes.Memory;
using CosmosKernel.Processes.Seccomp;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>Gathers what /proc tells of a process, a thread or a task of the kernel. Task context.</summary>
internal static class ProcessInspector
{
    private const int LongestName = 15;
    private const ulong KernelTaskFlag = 0x0020_0000;
    private const int RealTimePriorityBase = -1;
    private const int DeadlinePriority = -101;
    private const int NicePriorityBase = 20;

    public static ProcessReport Inspect(ProcSubject subject)
    {
        TaskStruct? task = subject.Task;
        SchedulingParameters scheduling = task?.GetScheduling() ?? default;
        var report = new ProcessReport
        {
            Id = subject.Id,
            ProcessId = subject.Process?.Id ?? subject.Id,
            Name = NameOf(subject),
            State = StateOf(subject),
            Priority = PriorityOf(scheduling),
            Nice = scheduling.Nice,
            Policy = scheduling.Policy <= SchedulingPolicy.Deadline ? (int)scheduling.Policy : 0,
            RealTimePriority = scheduling.RealTimePriority,
            Cpu = task?.Cpu ?? 0,
            StartTime = task?.StartNanoseconds ?? 0,
            IsWaiting = task is not null && task.WaitChannel.Length > 0,
            VoluntarySwitches = task?.VoluntarySwitches ?? 0,
            InvoluntarySwitches = task?.InvoluntarySwitches ?? 0,
            AllowedCpus = WordsOf((task?.Affinity ?? CpuSet.Empty) & RunQueues.Online),
        };
        return subject.Process is { } process ? AddProcess(report, subject, process) : report with
        {
            Flags = KernelTaskFlag,
            SystemTime = task?.ReadCpuTime() ?? 0,
            Capabilities = (0, CapabilitySet.All.Bits, CapabilitySet.All.Bits, CapabilitySet.All.Bits, 0),
            Blocked = 0,
            Ignored = ulong.MaxValue,
        };
    }

    /// <summary>The name as programs know it: at most 15 bytes.</summary>
    public static string NameOf(ProcSubject subject)
    {
        string name = subject.Task?.Name ?? "";
        while (Encoding.UTF8.GetByteCount(name) > LongestName && subject.KernelTask is null)
        {
            name = name[..^1];
        }

        return name;
    }

    /// <summary>The letter of the state.</summary>
    public static char StateOf(ProcSubject subject)
    {
        if (subject.Process is { } process && (process.IsZombie || subject.Thread is null))
        {
            return 'Z';
        }

        if (subject.Thread is { IsStopped: true })
        {
            return 'T';
        }

        return subject.Task?.State switch
        {
            TaskState.New or TaskState.Runnable => 'R',
            TaskState.Interruptible => 'S',

            // The kernel's own tasks sleep so when they have nothing to do: Linux shows such as idle.
            TaskState.Uninterruptible or TaskState.Killable => subject.KernelTask is null ? 'D' : 'I',
            TaskState.Zombie => 'Z',
            _ => 'X',
        };
    }

    /// <summary>Bits of 64 CPUs each.</summary>
    public static ulong[] WordsOf(CpuSet cpus) => [cpus.Word(0), cpus.Word(1), cpus.Word(2), cpus.Word(3)];

    private static ProcessReport AddProcess(ProcessReport report, ProcSubject subject, Process process)
    {
        ProcessUsage usage = subject.OneThread?.ReadUsage() ?? process.ReadUsage();
        ProcessUsage children = process.ReadChildrenUsage();
        UserThread? thread = subject.Thread;
        Credentials owner = subject.Owner;
        var terminal = process.Session.Terminal as Terminal;
        SignalHandlers handlers = process.Handlers;
        return report with
        {
            Parent = process.Parent?.Id ?? 0,
            Group = process.Group.Id,
            Session = process.Session.Id,
            Terminal = terminal?.Number.Encoded ?? 0,
            Foreground = terminal?.Foreground ?? -1,
            Flags = 0x0040_0000,
            MinorFaults = usage.MinorFaults,
            MajorFaults = usage.MajorFaults,
            ChildMinorFaults = children.MinorFaults,
            ChildMajorFaults = children.MajorFaults,
            UserTime = usage.UserTime,
            SystemTime = usage.SystemTime,
            ChildUserTime = children.UserTime,
            ChildSystemTime = children.SystemTime,
            Threads = Math.Max(process.ThreadCount, 1),
            Memory = MemoryOf(thread),
            ResidentLimit = process.Limits.Current(ResourceLimit.RLIMIT_RSS),
            Pending = thread?.PendingSet.Bits ?? 0,
            SharedPending = process.PendingSet.Bits,
            Blocked = thread?.Blocked.Bits ?? 0,
            Ignored = handlers.Ignored.Bits,
            Handled = handlers.Handled.Bits,
            ExitSignal = process.ExitSignal,
            ExitStatus = process.IsZombie && subject.MayInspect() ? process.ExitStatus : 0,
            Umask = (int?)thread?.FileSystem?.Umask ?? -1,
            Users = (owner.UserId, owner.EffectiveUserId, owner.SavedUserId, owner.FileUserId),
            Groups = (owner.GroupId, owner.EffectiveGroupId, owner.SavedGroupId, owner.FileGroupId),
            Supplementary = owner.Groups.ToArray(),
            Capabilities = (owner.Inheritable.Bits, owner.Permitted.Bits, owner.Effective.Bits, owner.Bounding.Bits, owner.Ambient.Bits),
            DescriptorSlots = thread?.Files?.Capacity ?? 0,
            QueuedSignals = (thread?.Account.QueuedSignals ?? 0, process.Limits.Current(ResourceLimit.RLIMIT_SIGPENDING)),
            NoNewPrivileges = thread?.NoNewPrivileges ?? false,
            SeccompMode = (int)(thread?.SeccompMode ?? SeccompMode.None),
            SeccompFilters = thread?.SeccompFilter?.Count ?? 0,
        };
    }

    private static MemoryReport? MemoryOf(UserThread? thread)
    {
        if (thread?.Memory is not { } memory)
        {
            return null;
        }

        MemoryUse use = memory.Use;
        var report = new MemoryReport(
            use.Total, use.PeakTotal, use.Resident, use.PeakResident, use.ResidentAnonymous, use.ResidentFile, use.ResidentShared, use.Data, use.Stack, use.Code, use.Locked, use.TableBytes);
        return memory.Image is not { } image ? report : report with
        {
            CodeStart = image.CodeStart,
            CodeEnd = image.CodeEnd,
            DataStart = image.DataStart,
            DataEnd = image.DataEnd,
            HeapStart = image.HeapStart,
            StackStart = image.StackStart,
            ArgumentsStart = image.ArgumentsStart,
            ArgumentsEnd = image.ArgumentsEnd,
            EnvironmentStart = image.EnvironmentStart,
            EnvironmentEnd = image.EnvironmentEnd,
        };
    }

    private static int PriorityOf(in SchedulingParameters scheduling) => scheduling.Policy switch
    {
        SchedulingPolicy.Fifo or SchedulingPolicy.RoundRobin => RealTimePriorityBase - scheduling.RealTimePriority,
        SchedulingPolicy.Deadline => DeadlinePriority,
        _ => NicePriorityBase + scheduling.Nice,
    };
}
