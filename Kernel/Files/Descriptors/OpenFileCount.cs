using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Descriptors;

/// <summary>How many open files there are (proc(5), file-nr). Counted in several words, by CPU, so that CPUs that open files seldom meet.</summary>
public static class OpenFileCount
{
    private const int Parts = 16;

    // A cache line each.
    private const int Stride = 8;

    [Atomic]
    private static readonly long[] s_counts = new long[Parts * Stride];

    /// <summary>The number now: exact when none is opened or closed meanwhile. Any context.</summary>
    public static long Now
    {
        get
        {
            long sum = 0;
            for (int part = 0; part < Parts; part++)
            {
                sum += Volatile.Read(ref s_counts[part * Stride]);
            }

            return sum;
        }
    }

    /// <summary>One more, or one less. Any context.</summary>
    [NoAllocation]
    internal static void Add(int change) => Interlocked.Add(ref s_counts[(int)(Cpu.CurrentIndex % Parts) * Stride], change);
}
