using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Tracing;

/// <summary>One pass of a tracepoint.</summary>
[Owned]
public struct TraceRecord
{
    /// <summary>Nanoseconds on the monotonic clock.</summary>
    public ulong Time;

    /// <summary>Which; null for a slot that was never written.</summary>
    public Tracepoint? Point;

    /// <summary>The task that ran.</summary>
    public int Pid;

    /// <summary>The CPU.</summary>
    public int Cpu;

    /// <summary>What was off, and where it was.</summary>
    public TraceFlags Flags;

    /// <summary>Depth of preemption off.</summary>
    public byte PreemptDepth;

    /// <summary>Bytes of text.</summary>
    public byte TextLength;

    /// <summary>Numbers.</summary>
    public long First;

    /// <summary>Numbers.</summary>
    public long Second;

    /// <summary>Numbers.</summary>
    public long Third;

    /// <summary>Numbers.</summary>
    public long Fourth;

    /// <summary>Text, eight bytes in each, the first one lowest.</summary>
    public ulong TextLow;

    /// <summary>The rest of the text.</summary>
    public ulong TextHigh;
}

/// <summary>The state of the CPU at a record.</summary>
[Flags]
public enum TraceFlags : byte
{
    /// <summary>Nothing is off.</summary>
    None = 0,

    /// <summary>Interrupts were off.</summary>
    InterruptsOff = 1,

    /// <summary>In a hard interrupt.</summary>
    HardInterrupt = 2,
}
