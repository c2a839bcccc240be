using CosmosKernel.Machine.Threads;

namespace CosmosKernel.Tasks.Tests.Simulation;

/// <summary>What a real CPU's block and interrupt flag hold.</summary>
internal sealed class SimulatedCpu(int index)
{
    public int Index { get; } = index;

    public MachineThread? Current { get; set; }

    public bool InterruptsOn { get; set; }

    public int PreemptCount { get; set; }

    public bool NeedResched { get; set; }

    public bool DeferredPending { get; set; }

    public int InterruptDepth { get; set; }

    public object? Scheduler { get; set; }

    public bool ReschedulePending { get; set; }

    public ulong Armed { get; set; } = ulong.MaxValue;

    public bool Halted { get; set; }

    /// <summary>A test holds it in the middle of what it does.</summary>
    public Hold? Hold { get; set; }

    /// <summary>When it was last busy, or had reason to be idle.</summary>
    public ulong WastesSince { get; set; }

    public int LocksHeld { get; set; }

    public int ClockInterrupts { get; set; }

    public int RescheduleInterrupts { get; set; }

    /// <summary>Something would interrupt it now, were interrupts on.</summary>
    public bool HasInterrupt(ulong now) => ReschedulePending || Armed <= now;
}
