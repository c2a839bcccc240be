using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>RLIMIT_CPU (getrlimit(2)): SIGXCPU when the soft limit is reached and each second after it, SIGKILL at the hard one.</summary>
internal sealed class CpuLimitWatch : CpuTimePoll
{
    private const ulong Second = 1_000_000_000;
    private readonly Process _process;

    public CpuLimitWatch(Process process)
    {
        _process = process;
        Clock = new CpuClock(process, null, SystemClocks.KindAll);
    }

    /// <summary>Watches for the limits as they are now. Any context but NMI.</summary>
    [NoAllocation]
    public void Begin()
    {
        ResourceLimitPair limit = _process.Limits.Get(ResourceLimit.RLIMIT_CPU);
        ulong seconds = Math.Min(limit.Current, limit.Maximum);
        if (seconds < long.MaxValue / Second)
        {
            Watch(seconds * Second);
        }
    }

    /// <inheritdoc/>
    [InterruptContext]
    [NoAllocation]
    protected override void OnReached(ulong cpuTime)
    {
        ResourceLimitPair limit = _process.Limits.Get(ResourceLimit.RLIMIT_CPU);
        ulong seconds = cpuTime / Second;
        if (seconds >= limit.Maximum)
        {
            _ = Signals.SendAtomic(_process, SignalInfo.Kernel(Signal.SIGKILL));
            return;
        }

        if (seconds >= limit.Current)
        {
            _ = Signals.SendAtomic(_process, SignalInfo.Kernel(Signal.SIGXCPU));
            Watch((seconds + 1) * Second);
            return;
        }

        // The limit was raised.
        Begin();
    }
}
