using System.Runtime.Intrinsics.X86;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.Smp;

/// <summary>
/// Finds TSCs that disagree: CPUs take turns in reading their TSC under a lock, and none may see a value below the one that was read before. Any number of CPUs take part at
/// once; the boot CPU does so as long as it waits for the others.
/// </summary>
internal static class TscCheck
{
    private const int Rounds = 200;

    private static IrqSpinLock s_lock;

    [GuardedBy(nameof(s_lock))]
    private static ulong s_last;

    private static ulong s_largestStepBack;

    /// <summary>The largest step back in TSC ticks that any CPU saw; 0 when the TSCs agree.</summary>
    internal static ulong LargestStepBack => Volatile.Read(ref s_largestStepBack);

    /// <summary>This CPU's part, after it was started. Interrupts off.</summary>
    internal static void Take()
    {
        for (int i = 0; i < Rounds; i++)
        {
            Step();
            CpuInstructions.Pause();
        }
    }

    /// <summary>One reading.</summary>
    internal static void Step()
    {
        using (s_lock.Enter())
        {
            Sse2.LoadFence();
            ulong now = CpuInstructions.ReadTsc();
            if (now >= s_last)
            {
                s_last = now;
            }
            else if (s_last - now > s_largestStepBack)
            {
                Volatile.Write(ref s_largestStepBack, s_last - now);
            }
        }
    }
}
