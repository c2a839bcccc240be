using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// How much of each CPU is promised to deadline tasks: the admission test. A task needs runtime / deadline of a CPU (its density: for a deadline at the end of
/// the period the same as the utilisation that Linux counts, for an earlier one what it takes to meet it). A CPU promises 95 % at most, as Linux does by default
/// (sched_rt_runtime_us, sched(7)), so that everything else is alive. Any context but NMI; the lock is the last but those of timers.
/// </summary>
[NoAllocation]
internal static class DeadlineBandwidth
{
    /// <summary>One CPU.</summary>
    public const long One = 1L << 30;

    /// <summary>What a CPU promises at most.</summary>
    public const long Limit = One * 95 / 100;

    private static IrqSpinLock s_lock = new(LockClass.DeadlineBandwidth);

    // By CPU; made by Initialize.
    [GuardedBy(nameof(s_lock))]
    private static long[] s_promised = null!;

    /// <summary>Makes room for all CPUs. Once, at boot.</summary>
    [BeforePublication]
    public static void Initialize() => s_promised = new long[Cpu.Maximum];

    /// <summary>What parameters need of a CPU, rounded down (by less than a nanosecond a second); 0 for other policies.</summary>
    public static long Of(in SchedulingParameters parameters) =>
        parameters.Policy == SchedulingPolicy.Deadline ? (long)((parameters.Runtime << 30) / parameters.Deadline) : 0;

    /// <summary>What is promised of a CPU, as a part of <see cref="One"/>.</summary>
    public static long PromisedOf(int cpu)
    {
        using (s_lock.Enter())
        {
            return s_promised[cpu];
        }
    }

    /// <summary>Promises, and gives back what was promised to the task before.</summary>
    /// <param name="needed">What the task needs from now on; 0 gives back only.</param>
    /// <param name="allowed">CPUs that it may be on.</param>
    /// <param name="preferred">Where it is: it stays there if there is room.</param>
    /// <param name="given">What was promised to it.</param>
    /// <param name="givenOn">Where; -1 for nowhere.</param>
    /// <returns>The CPU; -1 when there is too little left on each, and nothing was changed, or nothing is needed.</returns>
    public static int Change(long needed, CpuSet allowed, int preferred, long given, int givenOn)
    {
        using (s_lock.Enter())
        {
            if (givenOn >= 0)
            {
                s_promised[givenOn] -= given;
            }

            int chosen = needed == 0 ? -1 : Choose(needed, allowed, preferred);
            if (chosen >= 0)
            {
                s_promised[chosen] += needed;
            }
            else if (needed != 0 && givenOn >= 0)
            {
                s_promised[givenOn] += given;
            }

            return chosen;
        }
    }

    // Where it is, else where most is left.
    [RequiresLock(nameof(s_lock))]
    private static int Choose(long needed, CpuSet allowed, int preferred)
    {
        if (allowed.Contains(preferred) && RunQueues.Get(preferred) is not null && s_promised[preferred] + needed <= Limit)
        {
            return preferred;
        }

        int best = -1;
        for (int cpu = 0; cpu < RunQueues.Limit; cpu++)
        {
            if (allowed.Contains(cpu) && RunQueues.Get(cpu) is not null && s_promised[cpu] + needed <= Limit && (best < 0 || s_promised[cpu] < s_promised[best]))
            {
                best = cpu;
            }
        }

        return best;
    }
}
