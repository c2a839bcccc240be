using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Block;

/// <summary>What the caches of all block devices hold, in pages: for /proc/meminfo and the limits of dirty memory. Any context.</summary>
public static class BlockCacheCounters
{
    /// <summary>All cached pages.</summary>
    public static PageCounter Cached { get; } = new();

    /// <summary>Those that are newer than their device.</summary>
    public static PageCounter Dirty { get; } = new();

    /// <summary>Those that are being written.</summary>
    public static PageCounter Writing { get; } = new();

    /// <summary>A count that all CPUs change.</summary>
    public sealed class PageCounter
    {
        [Atomic]
        private long _value;

        /// <summary>Now. Any context.</summary>
        public long Value => Volatile.Read(ref _value);

        [NoAllocation]
        internal void Add(long count) => Interlocked.Add(ref _value, count);
    }
}
