using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Processes;

/// <summary>
/// RLIMIT_RTTIME (getrlimit(2)): a thread with a real-time policy that has used so many microseconds of CPU time without a blocking call gets SIGXCPU, then again each second, and SIGKILL at the hard limit. Looked at each
/// 10 ms, only in processes that have such a limit; so the moment is seen that much late at most, and a block shorter than that counts when it has switched. Of a look that comes late no more than
/// a step counts: in a virtual machine the CPU itself may have stood still meanwhile, and the thread had no chance to block.
/// </summary>
internal sealed class RealTimeLimitWatch : KernelTimer
{
    private const ulong Step = 10_000_000;
    private const ulong MostOfStep = Step * 5 / 4;
    private const ulong Microsecond = 1_000;
    private const ulong Second = 1_000_000_000;

    private readonly Process _process;

    public RealTimeLimitWatch(Process process)
    {
        _process = process;
    }

    /// <summary>Watches as long as there is a limit. Any context but NMI.</summary>
    [NoAllocation]
    public void Begin() => Start(Machine.Time.Clock.MonotonicNanoseconds + Step);

    /// <inheritdoc/>
    [InterruptContext]
    protected override void OnExpired(ulong now)
    {
        ResourceLimitPair limit = _process.Limits.Get(ResourceLimit.RLIMIT_RTTIME);
        if (limit.Current == ResourceLimit.RLIM_INFINITY && limit.Maximum == ResourceLimit.RLIM_INFINITY)
        {
            return;
        }

        int signal = 0;
        using (_process.SignalLock.Enter())
        {
            for (UserThread? thread = _process.FirstThread; thread is not null; thread = thread.NextInProcess)
            {
                signal = Math.Max(signal, Look(thread, limit));
            }
        }

        if (signal == 1)
        {
            _ = Signals.SendAtomic(_process, SignalInfo.Kernel(Signal.SIGXCPU));
        }
        else if (signal == 2)
        {
            _ = Signals.SendAtomic(_process, SignalInfo.Kernel(Signal.SIGKILL));
            return;
        }

        Begin();
    }

    // 0: nothing is due; 1: SIGXCPU; 2: SIGKILL.
    [RequiresLock(typeof(Process), nameof(Process.SignalLock))]
    [NoAllocation]
    private static int Look(UserThread thread, in ResourceLimitPair limit)
    {
        ulong time = thread.Task.ReadCpuTime();
        long switches = thread.Task.VoluntarySwitches;
        if (!thread.Task.EffectiveUrgency.IsRealTime || switches != thread.RealTimeSwitches)
        {
            thread.RealTimeSwitches = switches;
            thread.RealTimeSeen = time;
            thread.RealTimeUsed = 0;
            thread.RealTimeWarnings = 0;
            return 0;
        }

        ulong used = thread.RealTimeUsed + Math.Min(time - thread.RealTimeSeen, MostOfStep);
        thread.RealTimeUsed = used;
        thread.RealTimeSeen = time;
        if (limit.Maximum < ulong.MaxValue / Microsecond && used >= limit.Maximum * Microsecond)
        {
            return 2;
        }

        if (limit.Current >= ulong.MaxValue / Microsecond || used < (limit.Current * Microsecond) + (thread.RealTimeWarnings * Second))
        {
            return 0;
        }

        thread.RealTimeWarnings++;
        return 1;
    }
}
