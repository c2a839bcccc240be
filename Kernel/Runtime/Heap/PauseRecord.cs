using System.Numerics;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Heap;

/// <summary>How long the world was stopped, for statistics. Written by the collecting processor while it still holds the collection.</summary>
[Protocol("Written by the task that holds the collection, so by one at a time; anybody reads, word by word, and gets figures that belong together only roughly.")]
internal static unsafe class PauseRecord
{
    /// <summary>Buckets of the histogram: bucket n counts pauses of 2^(n-1) up to 2^n microseconds, bucket 0 shorter ones, the last one all longer ones.</summary>
    public const int Buckets = 24;

    private static Histogram s_histogram;
    private static ulong s_total;
    private static ulong s_last;
    private static ulong s_longest;
    private static ulong s_lastStart;
    private static ulong s_lastEnd;
    private static ulong s_previousEnd;
    private static ulong s_count;

    /// <summary>Number of pauses.</summary>
    public static ulong Count => s_count;

    /// <summary>Sum of all pauses, nanoseconds.</summary>
    public static ulong Total => s_total;

    /// <summary>The last pause, nanoseconds.</summary>
    public static ulong Last => s_last;

    /// <summary>The longest pause, nanoseconds.</summary>
    public static ulong Longest => s_longest;

    /// <summary>When the last pause began, nanoseconds since boot.</summary>
    public static ulong LastStart => s_lastStart;

    /// <summary>Share of the time between the ends of the last two pauses that the last one took, in percent.</summary>
    public static int LastPercentage
    {
        get
        {
            ulong period = s_lastEnd - s_previousEnd;
            return period == 0 ? 0 : (int)(s_last * 100 / period);
        }
    }

    /// <summary>Pauses counted in a bucket, below <see cref="Buckets"/>.</summary>
    public static ulong InBucket(int bucket) => s_histogram.Counts[bucket];

    /// <summary>Forgets everything.</summary>
    [BeforePublication]
    public static void Initialize()
    {
        s_histogram = default;
        s_total = s_last = s_longest = s_lastStart = s_lastEnd = s_previousEnd = s_count = 0;
    }

    /// <summary>Counts a pause from <paramref name="start"/> to <paramref name="end"/>, nanoseconds since boot.</summary>
    public static void Add(ulong start, ulong end)
    {
        ulong pause = end > start ? end - start : 0;
        s_last = pause;
        s_total += pause;
        s_longest = pause > s_longest ? pause : s_longest;
        s_lastStart = start;
        s_previousEnd = s_lastEnd;
        s_lastEnd = end;
        s_count++;
        int bucket = 64 - BitOperations.LeadingZeroCount(pause / 1000);
        s_histogram.Counts[bucket < Buckets ? bucket : Buckets - 1]++;
    }

    private struct Histogram
    {
        public fixed ulong Counts[Buckets];
    }
}
