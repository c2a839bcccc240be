using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;

namespace CosmosKernel.Machine.Boot;

/// <summary>
/// The firmware's memory map, sorted, without overlaps (where two entries overlap, the less usable kind wins), page-aligned for usable ranges. Its table lies in memory that
/// it takes from the map itself, so its size has no limit. Built once at boot, constant afterwards.
/// </summary>
[Immutable]
public static unsafe class FirmwareMemoryMap
{
    private const ulong PageMask = 0xFFF;

    private static byte* s_source;
    private static byte* s_sourceEnd;
    private static uint s_entrySize;
    private static MemoryRange* s_ranges;
    private static int s_count;

    /// <summary>Number of ranges.</summary>
    public static int Count => s_count;

    /// <summary>Range <paramref name="index"/>, in order of address.</summary>
    public static ref readonly MemoryRange Get(int index) => ref s_ranges[index];

    /// <summary>First address after the highest usable one.</summary>
    public static ulong HighestUsable { get; private set; }

    /// <summary>Usable memory in bytes.</summary>
    public static ulong UsableBytes { get; private set; }

    /// <summary>Whether the boot loader passed a map.</summary>
    internal static bool HasSource => s_source != null && s_entrySize != 0;

    [BeforePublication]
    internal static void SetSource(byte* first, byte* end, uint entrySize, int startOffset, int lengthOffset, int kindOffset)
    {
        if (startOffset != 0 || lengthOffset != 8 || kindOffset != 16 || entrySize < 20)
        {
            Panic.Now("The boot loader's memory map has an unknown format"u8);
        }

        s_source = first;
        s_sourceEnd = end;
        s_entrySize = entrySize;
    }

    /// <summary>Builds the table. <paramref name="storage"/> holds two ranges for each entry of the source (<see cref="StorageBytes"/>).</summary>
    [BeforePublication]
    internal static void Build(void* storage)
    {
        s_ranges = (MemoryRange*)storage;
        int count = 0;
        for (byte* entry = s_source; entry + 20 <= s_sourceEnd; entry += s_entrySize)
        {
            MemoryRange range = ReadEntry(entry);
            if (range.End > range.Start)
            {
                s_ranges[count++] = range;
            }
        }

        Sort(s_ranges, count);
        s_count = Resolve(s_ranges, count);
        for (int i = 0; i < s_count; i++)
        {
            if (s_ranges[i].Kind == MemoryKind.Usable)
            {
                HighestUsable = s_ranges[i].End;
                UsableBytes += s_ranges[i].Length;
            }
        }
    }

    /// <summary>Bytes that <see cref="Build"/> needs.</summary>
    internal static ulong StorageBytes
    {
        get
        {
            ulong entries = (ulong)(s_sourceEnd - s_source) / s_entrySize;
            return ((2 * entries) + 1) * (ulong)sizeof(MemoryRange);
        }
    }

    /// <summary>Finds, below <paramref name="limit"/> and at or above <paramref name="from"/>, usable memory that touches no reserved range; 0 when there is none.</summary>
    internal static ulong FindUsable(ulong from, ulong bytes, ulong limit)
    {
        ulong best = 0;
        for (byte* entry = s_source; entry + 20 <= s_sourceEnd; entry += s_entrySize)
        {
            MemoryRange range = ReadEntry(entry);
            if (range.Kind != MemoryKind.Usable)
            {
                continue;
            }

            ulong start = range.Start > from ? range.Start : from;
            start = (start + PageMask) & ~PageMask;
            while (BootReservations.Overlap(start, start + bytes, out ulong after))
            {
                start = (after + PageMask) & ~PageMask;
            }

            ulong end = range.End < limit ? range.End : limit;
            if (start + bytes <= end && start + bytes > start && (best == 0 || start < best))
            {
                best = start;
            }
        }

        return best;
    }

    private static MemoryRange ReadEntry(byte* entry)
    {
        ulong start = *(ulong*)entry;
        ulong length = *(ulong*)(entry + 8);
        ulong end = start + length < start ? ulong.MaxValue & ~PageMask : start + length;
        uint kind = *(uint*)(entry + 16);
        if (kind == (uint)MemoryKind.Usable)
        {
            start = (start + PageMask) & ~PageMask;
            end &= ~PageMask;
        }
        else if (kind is 0 or > 5)
        {
            kind = (uint)MemoryKind.Reserved;
        }

        return new MemoryRange { Start = start, End = end, Kind = (MemoryKind)kind };
    }

    private static void Sort(MemoryRange* ranges, int count)
    {
        for (int i = 1; i < count; i++)
        {
            MemoryRange range = ranges[i];
            int at = i;
            while (at > 0 && ranges[at - 1].Start > range.Start)
            {
                ranges[at] = ranges[at - 1];
                at--;
            }

            ranges[at] = range;
        }
    }

    // Usable ranges lose what any other range claims. Ranges are sorted by start; cutting one may need a second piece, for which the storage has room.
    private static int Resolve(MemoryRange* ranges, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (ranges[i].Kind != MemoryKind.Usable)
            {
                continue;
            }

            for (int j = 0; j < count; j++)
            {
                if (ranges[j].Kind == MemoryKind.Usable && j >= i)
                {
                    continue;
                }

                if (ranges[j].Start >= ranges[i].End || ranges[j].End <= ranges[i].Start)
                {
                    continue;
                }

                if (ranges[j].Start > ranges[i].Start && ranges[j].End < ranges[i].End)
                {
                    ranges[count++] = new MemoryRange { Start = (ranges[j].End + PageMask) & ~PageMask, End = ranges[i].End, Kind = MemoryKind.Usable };
                    ranges[i].End = ranges[j].Start & ~PageMask;
                }
                else if (ranges[j].Start <= ranges[i].Start)
                {
                    ulong start = (ranges[j].End + PageMask) & ~PageMask;
                    ranges[i].Start = start < ranges[i].End ? start : ranges[i].End;
                }
                else
                {
                    ranges[i].End = ranges[j].Start & ~PageMask;
                }
            }
        }

        int kept = 0;
        for (int i = 0; i < count; i++)
        {
            if (ranges[i].End > ranges[i].Start)
            {
                ranges[kept++] = ranges[i];
            }
        }

        Sort(ranges, kept);
        return kept;
    }
}
