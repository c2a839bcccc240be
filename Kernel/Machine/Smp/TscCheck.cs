using System.Runtime.Intrinsics.X86;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.Smp;

/// <summary>
/// Finds TSCs that disagree: each CPU reads the highest value that any CPU has published, then its own TSC, which must not be lower, and publishes that. Any number
/// of CPUs take part at once and wait for nobody; the boot CPU does so as long as it waits for the others.
/// </summary>
[Atomic]
internal static class TscCheck
{
    private const int Rounds = 50;

    private static ulong s_highest;
    private static ulong s_largestStepBack;

    /// <summary>The largest step back in TSC ticks that any CPU saw; 0 when the TSCs agree.</summary>
    internal static ulong LargestStepBack => Volatile.Read(ref s_largestStepBack);

    /// <summary>This CPU's part, after it was started.</summary>
    internal static void Take()
    {
        for (int i = 0; i < Rounds; i++)
        {
            Step();
        }
    }

    /// <summary>One reading.</summary>
    internal static void Step()
    {
        ulong highest = Volatile.Read(ref s_highest);

        // RDTSC must not be executed before the load, which would be seen as a step back.
        Sse2.LoadFence();
        ulong now = CpuInstructions.ReadTsc();
        if (now < highest)
        {
            RaiseTo(ref s_largestStepBack, highest - now);
        }
        else
        {
            RaiseTo(ref s_highest, now);
        }
    }

    private static void RaiseTo(ref ulong value, ulong candidate)
    {
        ulong seen = Volatile.Read(ref value);
        while (seen < candidate)
        {
            ulong before = Interlocked.CompareExchange(ref value, candidate, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
