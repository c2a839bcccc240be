namespace CosmosKernel.Tasks.Scheduling;

/// <summary>How a task is scheduled. The numbers are Linux's (sched(7), sched_setattr(2)) where Linux has the policy.</summary>
public enum SchedulingPolicy
{
    /// <summary>A fair share of the CPU by nice value: SCHED_OTHER.</summary>
    Normal = 0,

    /// <summary>Real time, first in first out: runs until it sleeps, yields, or something more urgent comes.</summary>
    Fifo = 1,

    /// <summary>Real time, in turns among equals.</summary>
    RoundRobin = 2,

    /// <summary>As <see cref="Normal"/>, for work that computes long: it does not preempt when it wakes.</summary>
    Batch = 3,

    /// <summary>As <see cref="Normal"/> with a weight far below nice 19: SCHED_IDLE.</summary>
    Idle = 5,

    /// <summary>Runtime in each period, by earliest deadline.</summary>
    Deadline = 6,

    /// <summary>A class that a module brought: <see cref="SchedulingParameters.Class"/>.</summary>
    Module = 100,

    /// <summary>Above all else, one task a CPU, for the kernel itself. Cannot be asked for.</summary>
    Stop = 101,

    /// <summary>A CPU's idle task. Cannot be asked for.</summary>
    CpuIdle = 102,
}

/// <summary>Names of policies.</summary>
public static class SchedulingPolicies
{
    /// <summary>One of the two real-time policies.</summary>
    public static bool IsRealTime(this SchedulingPolicy policy) => policy is SchedulingPolicy.Fifo or SchedulingPolicy.RoundRobin;

    /// <summary>A policy that shares the CPU by nice value.</summary>
    public static bool IsFair(this SchedulingPolicy policy) => policy is SchedulingPolicy.Normal or SchedulingPolicy.Batch or SchedulingPolicy.Idle;

    /// <summary>The name that commands show and take.</summary>
    public static string Name(this SchedulingPolicy policy) => policy switch
    {
        SchedulingPolicy.Normal => "other",
        SchedulingPolicy.Fifo => "fifo",
        SchedulingPolicy.RoundRobin => "rr",
        SchedulingPolicy.Batch => "batch",
        SchedulingPolicy.Idle => "idle",
        SchedulingPolicy.Deadline => "deadline",
        SchedulingPolicy.Module => "module",
        SchedulingPolicy.Stop => "stop",
        _ => "cpu-idle",
    };
}
