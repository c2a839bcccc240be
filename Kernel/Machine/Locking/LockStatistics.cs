using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Time;

namespace CosmosKernel.Machine.Locking;

/// <summary>What a class of locks was used for since boot, or since the statistics were cleared. Times are in nanoseconds.</summary>
/// <param name="Acquisitions">How often a lock was taken; 0 in a kernel without the validator.</param>
/// <param name="Contentions">How often it had to be waited for.</param>
/// <param name="WaitTotal">Time waited in all.</param>
/// <param name="WaitLongest">The longest wait.</param>
/// <param name="HoldTotal">Time held in all.</param>
/// <param name="HoldLongest">The longest hold.</param>
public readonly record struct LockClassStatistics(long Acquisitions, long Contentions, ulong WaitTotal, ulong WaitLongest, ulong HoldTotal, ulong HoldLongest);

/// <summary>
/// Lock statistics by class. A kernel with the validator counts everything; one without counts contentions, where a CPU waits anyway.
/// Any context; the numbers of one class are not read at one instant.
/// </summary>
public static class LockStatistics
{
    [Atomic]
    private static Counters s_contentions;

    [Atomic]
    private static Counters s_acquisitions;

    [Atomic]
    private static Counters s_waitTotal;

    [Atomic]
    private static Counters s_waitLongest;

    [Atomic]
    private static Counters s_holdTotal;

    [Atomic]
    private static Counters s_holdLongest;

    /// <summary>True when this kernel counts acquisitions and times, and not only contentions.</summary>
    public static bool IsComplete => LockValidator.IsEnabled;

    /// <summary>The numbers of a class.</summary>
    public static LockClassStatistics Of(LockClass lockClass)
    {
        int index = (int)lockClass;
        if ((uint)index >= LockClasses.Maximum)
        {
            return default;
        }

        long contentions = Volatile.Read(ref s_contentions[index]);
        if (!LockValidator.IsEnabled)
        {
            return new LockClassStatistics(0, contentions, 0, 0, 0, 0);
        }

        return new LockClassStatistics(
            Volatile.Read(ref s_acquisitions[index]),
            contentions,
            ToNanoseconds(Volatile.Read(ref s_waitTotal[index])),
            ToNanoseconds(Volatile.Read(ref s_waitLongest[index])),
            ToNanoseconds(Volatile.Read(ref s_holdTotal[index])),
            ToNanoseconds(Volatile.Read(ref s_holdLongest[index])));
    }

    /// <summary>Sets all numbers to 0. What is counted meanwhile may be lost or kept.</summary>
    public static void Clear()
    {
        for (int i = 0; i < LockClasses.Maximum; i++)
        {
            Volatile.Write(ref s_contentions[i], 0);
            if (LockValidator.IsEnabled)
            {
                Volatile.Write(ref s_acquisitions[i], 0);
                Volatile.Write(ref s_waitTotal[i], 0);
                Volatile.Write(ref s_waitLongest[i], 0);
                Volatile.Write(ref s_holdTotal[i], 0);
                Volatile.Write(ref s_holdLongest[i], 0);
            }
        }
    }

    /// <summary>A lock of the class has to be waited for. For lock types' slow paths.</summary>
    [NoAllocation]
    public static void CountContention(LockClass lockClass) => Interlocked.Increment(ref s_contentions[(int)lockClass]);

    /// <summary>A lock of the class was taken.</summary>
    internal static void CountAcquisition(LockClass lockClass) => Interlocked.Increment(ref s_acquisitions[(int)lockClass]);

    /// <summary>A lock of the class was waited for this long, in ticks of the TSC.</summary>
    internal static void CountWait(LockClass lockClass, ulong ticks)
    {
        Interlocked.Add(ref s_waitTotal[(int)lockClass], (long)ticks);
        Raise(ref s_waitLongest[(int)lockClass], (long)ticks);
    }

    /// <summary>A lock of the class was held this long, in ticks of the TSC.</summary>
    internal static void CountHold(LockClass lockClass, ulong ticks)
    {
        Interlocked.Add(ref s_holdTotal[(int)lockClass], (long)ticks);
        Raise(ref s_holdLongest[(int)lockClass], (long)ticks);
    }

    private static void Raise(ref long longest, long ticks)
    {
        long seen = Volatile.Read(ref longest);
        while (ticks > seen)
        {
            long found = Interlocked.CompareExchange(ref longest, ticks, seen);
            if (found == seen)
            {
                return;
            }

            seen = found;
        }
    }

    private static ulong ToNanoseconds(long ticks) => Clock.TscIntervalToNanoseconds((ulong)ticks);

    [InlineArray(LockClasses.Maximum)]
    private struct Counters
    {
        private long _first;
    }
}
