using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Files.Naming;

/// <summary>
/// Bounds the cache of names: when there are too many entries, those leave that nobody has found for the longest time, by the clock algorithm. Several parts, by hash, so that CPUs that make names seldom meet.
/// An entry that is in use never leaves; a part becomes larger only when all of its entries are in use.
/// </summary>
public static class EntryCache
{
    private const int PartCount = 16;

    // Entries of one part before old ones leave: 32,768 in all.
    private const int Limit = 2048;
    private const int SmallestPart = 64;

    // How many entries are looked at for one that is added.
    private const int MostLooks = 32;

    [Immutable]
    private static readonly Part[] s_parts = MakeParts();

    /// <summary>Entries that were dropped since boot to make room.</summary>
    public static long Dropped
    {
        get
        {
            long sum = 0;
            foreach (Part part in s_parts)
            {
                sum += part.Dropped;
            }

            return sum;
        }
    }

    /// <summary>An entry was put into the cache. Task context; the lock of its directory may be held.</summary>
    [MightSleep]
    internal static void Add(DirectoryEntry entry, uint hash) => s_parts[hash >> 28].Add(entry);

    /// <summary>All entries leave that nothing keeps (vm.drop_caches). Task context.</summary>
    /// <returns>How many did.</returns>
    [MightSleep]
    public static long DropUnused()
    {
        long dropped = 0;
        foreach (Part part in s_parts)
        {
            dropped += part.DropUnused();
        }

        return dropped;
    }

    private static Part[] MakeParts()
    {
        var parts = new Part[PartCount];
        for (int i = 0; i < PartCount; i++)
        {
            parts[i] = new Part();
        }

        return parts;
    }

    private sealed class Part
    {
        private readonly Mutex _lock = new("name cache");

        [GuardedBy(nameof(_lock))]
        private DirectoryEntry?[] _entries = new DirectoryEntry?[SmallestPart];

        [GuardedBy(nameof(_lock))]
        private int _hand;

        [GuardedBy(nameof(_lock))]
        private int _count;

        [Protocol("Counted with _lock held; read for reports.")]
        public long Dropped { get; private set; }

        [MightSleep]
        public void Add(DirectoryEntry entry)
        {
            using (_lock.Enter())
            {
                if (_count < _entries.Length)
                {
                    _entries[_count++] = entry;
                    return;
                }

                if (_entries.Length < Limit || !TryReplace(entry))
                {
                    Array.Resize(ref _entries, _entries.Length * 2);
                    _entries[_count++] = entry;
                }
            }
        }

        [MightSleep]
        public long DropUnused()
        {
            using (_lock.Enter())
            {
                int kept = 0;
                for (int i = 0; i < _count; i++)
                {
                    DirectoryEntry entry = _entries[i]!;
                    if (!entry.HasLeft() && !entry.TryDrop())
                    {
                        _entries[kept++] = entry;
                    }
                }

                int dropped = _count - kept;
                Array.Clear(_entries, kept, dropped);
                _count = kept;
                _hand = 0;
                Dropped += dropped;
                return dropped;
            }
        }

        [RequiresLock(nameof(_lock))]
        private bool TryReplace(DirectoryEntry entry)
        {
            for (int look = 0; look < MostLooks; look++)
            {
                _hand = _hand + 1 < _count ? _hand + 1 : 0;
                DirectoryEntry there = _entries[_hand]!;
                if (there.HasLeft())
                {
                    _entries[_hand] = entry;
                    return true;
                }

                if (!there.TakeUsed() && there.TryDrop())
                {
                    Dropped++;
                    _entries[_hand] = entry;
                    return true;
                }
            }

            return false;
        }
    }
}
