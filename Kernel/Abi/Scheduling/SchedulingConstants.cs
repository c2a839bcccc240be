using System.Runtime.InteropServices;

namespace CosmosKernel.Abi;

/// <summary>Numbers of sched(7), getpriority(2) and ioprio_set(2).</summary>
public static class SchedulingConstants
{
    /// <summary>SCHED_OTHER.</summary>
    public const int Other = 0;

    /// <summary>SCHED_FIFO.</summary>
    public const int Fifo = 1;

    /// <summary>SCHED_RR.</summary>
    public const int RoundRobin = 2;

    /// <summary>SCHED_BATCH.</summary>
    public const int Batch = 3;

    /// <summary>SCHED_IDLE.</summary>
    public const int Idle = 5;

    /// <summary>SCHED_DEADLINE.</summary>
    public const int Deadline = 6;

    /// <summary>SCHED_RESET_ON_FORK, with a policy.</summary>
    public const int ResetOnFork = 0x4000_0000;

    /// <summary>SCHED_FLAG_RESET_ON_FORK.</summary>
    public const ulong FlagResetOnFork = 0x01;

    /// <summary>SCHED_FLAG_KEEP_POLICY.</summary>
    public const ulong FlagKeepPolicy = 0x08;

    /// <summary>SCHED_FLAG_KEEP_PARAMS.</summary>
    public const ulong FlagKeepParameters = 0x10;

    /// <summary>PRIO_PROCESS, and IOPRIO_WHO_PROCESS less one.</summary>
    public const int PriorityProcess = 0;

    /// <summary>PRIO_PGRP.</summary>
    public const int PriorityGroup = 1;

    /// <summary>PRIO_USER.</summary>
    public const int PriorityUser = 2;

    /// <summary>IOPRIO_WHO_PROCESS.</summary>
    public const int IoProcess = 1;

    /// <summary>IOPRIO_WHO_PGRP.</summary>
    public const int IoGroup = 2;

    /// <summary>IOPRIO_WHO_USER.</summary>
    public const int IoUser = 3;

    /// <summary>Bits of an I/O priority below the class.</summary>
    public const int IoClassShift = 13;
}

/// <summary>Parameters of sched_setattr(2), first version; 48 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SchedulingAttributes
{
    /// <summary>SCHED_ATTR_SIZE_VER0.</summary>
    public const uint FirstSize = 48;

    /// <summary>Bytes of the structure.</summary>
    public uint Size;

    /// <summary>SCHED_*.</summary>
    public uint Policy;

    /// <summary>SCHED_FLAG_*.</summary>
    public ulong Flags;

    /// <summary>Nice value, for fair policies.</summary>
    public int Nice;

    /// <summary>Priority, for real-time policies.</summary>
    public uint Priority;

    /// <summary>Nanoseconds, for the deadline policy.</summary>
    public ulong Runtime;

    /// <summary>Nanoseconds, for the deadline policy.</summary>
    public ulong Deadline;

    /// <summary>Nanoseconds, for the deadline policy.</summary>
    public ulong Period;
}
