using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Futexes;

/// <summary>All futexes that somebody waits for, by hash value. A futex that nobody waits for is nothing but a word in user memory.</summary>
internal static class FutexTable
{
    // As Linux has it: enough that two locks that are in use rarely share a bucket.
    private const int BucketsPerCpu = 256;

    [Immutable]
    private static FutexBucket[] s_buckets = [];

    /// <summary>Makes the table. Once, before the first process, when all CPUs are known.</summary>
    [BeforePublication]
    public static void Initialize()
    {
        var buckets = new FutexBucket[BitOperations.RoundUpToPowerOf2((uint)(BucketsPerCpu * Cpu.Count))];
        for (int i = 0; i < buckets.Length; i++)
        {
            buckets[i] = new FutexBucket(i);
        }

        s_buckets = buckets;
    }

    /// <summary>The bucket of a futex.</summary>
    [NoAllocation]
    public static FutexBucket Of(in FutexKey key) => s_buckets[key.Hash & (uint)(s_buckets.Length - 1)];

    /// <summary>Locks two buckets, which may be one, in the order of their numbers.</summary>
    /// <returns>What <see cref="UnlockBoth"/> takes.</returns>
    [Acquires("one.Lock")]
    [Acquires("other.Lock")]
    [NoAllocation]
    [SuppressMessage("Locking", "CKL005", Justification = "What it locks as the first and the second are one and other; the analyzer cannot see that.")]
    [SuppressMessage("Locking", "CKL006", Justification = "What it locks as the first and the second are one and other; the analyzer cannot see that.")]
    public static ulong LockBoth(FutexBucket one, FutexBucket other)
    {
        ulong flags = InterruptFlag.Disable();
        (FutexBucket first, FutexBucket second) = one.Index < other.Index ? (one, other) : (other, one);
        first.Lock.AcquireWithInterruptsOff();
        if (!ReferenceEquals(first, second))
        {
            second.Lock.AcquireWithInterruptsOff();
        }

        return flags;
    }

    /// <summary>Unlocks what <see cref="LockBoth"/> locked.</summary>
    [Releases("one.Lock")]
    [Releases("other.Lock")]
    [NoAllocation]
    [SuppressMessage("Locking", "CKL006", Justification = "Both are one bucket, or both are released.")]
    [SuppressMessage("Locking", "CKL005", Justification = "Both are one bucket, or both are released.")]
    public static void UnlockBoth(FutexBucket one, FutexBucket other, ulong flags)
    {
        if (!ReferenceEquals(one, other))
        {
            other.Lock.ReleaseWithInterruptsOff();
        }

        one.Lock.ReleaseWithInterruptsOff();
        Preemption.RestoreInterrupts(flags);
    }
}
