using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>What /proc tells of a process or thread, gathered at one moment. Times in nanoseconds, sizes in pages of 4 KiB unless said otherwise.</summary>
[Owned]
public sealed record ProcessReport
{
    /// <summary>Thread id, or process id for the process as a whole.</summary>
    public required int Id { get; init; }

    /// <summary>Process id.</summary>
    public required int ProcessId { get; init; }

    /// <summary>Name, at most 15 bytes.</summary>
    public required string Name { get; init; }

    /// <summary>Letter of the state.</summary>
    public required char State { get; init; }

    /// <summary>Parent's process id; 0 for none.</summary>
    public int Parent { get; init; }

    /// <summary>Process group.</summary>
    public int Group { get; init; }

    /// <summary>Session.</summary>
    public int Session { get; init; }

    /// <summary>Controlling terminal's device number as user space has it; 0 for none.</summary>
    public ulong Terminal { get; init; }

    /// <summary>Foreground group of that terminal; -1 for none.</summary>
    public int Foreground { get; init; } = -1;

    /// <summary>PF_ flags that programs know: 0x00200000 for tasks of the kernel.</summary>
    public ulong Flags { get; init; }

    /// <summary>Minor faults.</summary>
    public long MinorFaults { get; init; }

    /// <summary>Major faults.</summary>
    public long MajorFaults { get; init; }

    /// <summary>Minor faults of children that were waited for.</summary>
    public long ChildMinorFaults { get; init; }

    /// <summary>Major faults of children that were waited for.</summary>
    public long ChildMajorFaults { get; init; }

    /// <summary>Time in user mode.</summary>
    public ulong UserTime { get; init; }

    /// <summary>Time in the kernel.</summary>
    public ulong SystemTime { get; init; }

    /// <summary>Time in user mode of children that were waited for.</summary>
    public ulong ChildUserTime { get; init; }

    /// <summary>Time in the kernel of children that were waited for.</summary>
    public ulong ChildSystemTime { get; init; }

    /// <summary>Priority as Linux shows it: 20 + nice, or -1 - real-time priority.</summary>
    public int Priority { get; init; }

    /// <summary>Nice value.</summary>
    public int Nice { get; init; }

    /// <summary>Threads of the process.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Start, nanoseconds after boot.</summary>
    public ulong StartTime { get; init; }

    /// <summary>Size of the address space; null for tasks that have none.</summary>
    public MemoryReport? Memory { get; init; }

    /// <summary>RLIMIT_RSS in bytes.</summary>
    public ulong ResidentLimit { get; init; } = ulong.MaxValue;

    /// <summary>Pending signals of the thread.</summary>
    public ulong Pending { get; init; }

    /// <summary>Pending signals of the process.</summary>
    public ulong SharedPending { get; init; }

    /// <summary>Blocked signals.</summary>
    public ulong Blocked { get; init; }

    /// <summary>Ignored signals.</summary>
    public ulong Ignored { get; init; }

    /// <summary>Signals with a handler.</summary>
    public ulong Handled { get; init; }

    /// <summary>It sleeps in the kernel, and where is known.</summary>
    public bool IsWaiting { get; init; }

    /// <summary>Signal that the parent gets at the end.</summary>
    public int ExitSignal { get; init; }

    /// <summary>CPU that it ran on last.</summary>
    public int Cpu { get; init; }

    /// <summary>Real-time priority; 0 for none.</summary>
    public int RealTimePriority { get; init; }

    /// <summary>SCHED_*.</summary>
    public int Policy { get; init; }

    /// <summary>Status of an ended process as wait(2) gives it; 0 for who may not know.</summary>
    public int ExitStatus { get; init; }

    /// <summary>Times it gave the CPU away.</summary>
    public long VoluntarySwitches { get; init; }

    /// <summary>Times the CPU was taken.</summary>
    public long InvoluntarySwitches { get; init; }

    /// <summary>File mode creation mask; -1 when there is none.</summary>
    public int Umask { get; init; } = -1;

    /// <summary>Real, effective, saved and file user ids.</summary>
    public (uint Real, uint Effective, uint Saved, uint File) Users { get; init; }

    /// <summary>Real, effective, saved and file group ids.</summary>
    public (uint Real, uint Effective, uint Saved, uint File) Groups { get; init; }

    /// <summary>Supplementary groups.</summary>
    public uint[] Supplementary { get; init; } = [];

    /// <summary>Inheritable, permitted, effective, bounding and ambient capabilities.</summary>
    public (ulong Inheritable, ulong Permitted, ulong Effective, ulong Bounding, ulong Ambient) Capabilities { get; init; }

    /// <summary>Size of the table of descriptors.</summary>
    public int DescriptorSlots { get; init; }

    /// <summary>Queued signals of the user, and the limit.</summary>
    public (long Count, ulong Limit) QueuedSignals { get; init; }

    /// <summary>PR_SET_NO_NEW_PRIVS.</summary>
    public bool NoNewPrivileges { get; init; }

    /// <summary>How its system calls are restricted: 0, 1 strictly, 2 by filters.</summary>
    public int SeccompMode { get; init; }

    /// <summary>By how many filters.</summary>
    public int SeccompFilters { get; init; }

    /// <summary>Allowed CPUs: bits of 64 each, the lowest CPUs first.</summary>
    public ulong[] AllowedCpus { get; init; } = [1];
}
