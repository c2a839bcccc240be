using System.Numerics;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Memory.Slabs;

namespace CosmosKernel.Memory.Frames;

/// <summary>How far up physical memory may lie, for devices that cannot address all of it.</summary>
public enum FrameZone
{
    /// <summary>Below 16 MiB.</summary>
    Below16MiB,

    /// <summary>Below 4 GiB.</summary>
    Below4GiB,

    /// <summary>Anywhere.</summary>
    Normal,
}

/// <summary>
/// Physical memory in runs of 1 to 1024 contiguous frames: a buddy allocator for each zone, and a stock of single frames for each CPU.
/// Allocation and release may be called from any context but NMI; nothing here throws, sleeps, or uses the managed heap. An allocation that finds nothing waits for the other CPUs where its caller may
/// (<see cref="Preemption.IsPossible"/>), since frames of released areas come back by that.
/// Contents of the frames are whatever was in them before.
/// <para>Lock order: a CPU's stock before a zone; nothing else is taken while either is held.</para>
/// </summary>
public static unsafe class FrameAllocator
{
    /// <summary>Frames of the longest run.</summary>
    public const int LongestRun = 1 << (BuddyZone.Orders - 1);

    /// <summary>Number of zones.</summary>
    public const int ZoneCount = 3;

    private const nuint FirstFrameAbove16MiB = 0x100_0000 >> Frame.Shift;
    private const nuint FirstFrameAbove4GiB = (nuint)(0x1_0000_0000 >> Frame.Shift);

    private static ZoneTable s_zones;
    private static CacheTable s_caches;

    [Atomic]
    private static ulong s_managedFrames;

    [Atomic]
    private static ulong s_failures;

    [Atomic]
    private static ulong s_reserve;

    [Immutable]
    private static delegate*<bool> s_reclaim;

    /// <summary>Frames that were ever given to the allocator, free or not.</summary>
    public static nuint ManagedFrames => (nuint)Volatile.Read(ref s_managedFrames);

    /// <summary>Frames that nobody uses, those in stock at the CPUs included. A snapshot.</summary>
    public static nuint FreeFrames
    {
        get
        {
            nuint free = CachedFrames;
            for (int i = 0; i < ZoneCount; i++)
            {
                free += s_zones[i].FreeFrames;
            }

            return free;
        }
    }

    /// <summary>
    /// Frames that processes do not get for their pages and page tables (vm.min_free_kbytes): so the kernel can still do what gives memory back, ending a process before all, when they have taken
    /// the rest. At first the square root of 16 times the memory, both in KiB, as in Linux.
    /// </summary>
    public static nuint Reserve
    {
        get => (nuint)Volatile.Read(ref s_reserve);
        set => Volatile.Write(ref s_reserve, value);
    }

    /// <summary>Only the reserve is left, or less. A snapshot.</summary>
    public static bool IsLow
    {
        get
        {
            nuint free = 0;
            for (int i = 0; i < ZoneCount; i++)
            {
                free += s_zones[i].FreeFrames;
            }

            return free <= (nuint)Volatile.Read(ref s_reserve);
        }
    }

    /// <summary>Frames in stock at the CPUs. A snapshot.</summary>
    public static nuint CachedFrames
    {
        get
        {
            nuint cached = 0;
            for (int i = 0; i < Cpu.Count; i++)
            {
                cached += (nuint)s_caches[i].Count;
            }

            return cached;
        }
    }

    /// <summary>Allocations that failed for want of memory since boot.</summary>
    public static nuint Failures => (nuint)Volatile.Read(ref s_failures);

    /// <summary>Free blocks of 2^order frames in a zone. A snapshot.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="order">0 to 10.</param>
    public static nuint FreeBlocks(FrameZone zone, int order) => s_zones[(int)zone].FreeBlocks(order);

    /// <summary>Takes all memory that the firmware calls usable and nobody reserved. Boot CPU, once, after the final page tables are active.</summary>
    [BeforePublication]
    public static void Initialize()
    {
        s_zones = default;
        s_caches = default;
        for (int i = 0; i < ZoneCount; i++)
        {
            s_zones[i].Initialize();
        }

        for (int i = 0; i < Cpu.Maximum; i++)
        {
            s_caches[i].Initialize();
        }

        Volatile.Write(ref s_managedFrames, 0);
        Volatile.Write(ref s_failures, 0);
        Volatile.Write(ref s_reserve, 0);
        s_reclaim = null;
        PageTableFrames.Initialize();
        FrameTable.Initialize();
        PageTables.SetFrameSource(&AllocateClearedPage);
        for (int i = 0; i < FirmwareMemoryMap.Count; i++)
        {
            ref readonly MemoryRange range = ref FirmwareMemoryMap.Get(i);
            if (range.Kind == MemoryKind.Usable)
            {
                AddUnreserved(range.Start, range.End);
            }
        }

        SetReserve();
    }

    /// <summary>Sets what gives frames back that only wait for a TLB shoot-down, when others have run out. It is called in task context with no spin lock held.</summary>
    /// <param name="reclaim">Says whether it had any.</param>
    [BeforePublication]
    public static void SetReclaim(delegate*<bool> reclaim) => s_reclaim = reclaim;

    /// <summary>
    /// Gives memory to the allocator that was reserved at boot and is not needed any more: the initial file system, the loader's data, ACPI tables.
    /// </summary>
    /// <param name="start">Physical address of the first byte; rounded up to a frame.</param>
    /// <param name="end">Physical address after the last byte; rounded down to a frame.</param>
    public static void AddReserved(ulong start, ulong end)
    {
        nuint first = (nuint)((start + Frame.Size - 1) >> Frame.Shift);
        nuint last = (nuint)(end >> Frame.Shift);
        while (first < last)
        {
            // In pieces that do not cross a section, which is either all described or not at all, nor a zone.
            nuint sectionEnd = (first | (LongestRun - 1)) + 1;
            nuint count = (sectionEnd < last ? sectionEnd : last) - first;
            Frame* frame = FrameTable.Base + first;
            if (!FrameTable.HasDescriptor((ulong)first << Frame.Shift))
            {
                Panic.Now("Memory was given to the frame allocator that the firmware does not list"u8);
            }

            ZoneOf(first).GiveRun(frame, count);
            Interlocked.Add(ref s_managedFrames, count);
            first += count;
        }
    }

    /// <summary>Takes a run of contiguous frames.</summary>
    /// <param name="count">Frames, 1 to <see cref="LongestRun"/>.</param>
    /// <param name="use">What for: anything but <see cref="FrameUse.None"/>, <see cref="FrameUse.Free"/> and <see cref="FrameUse.Cached"/>.</param>
    /// <param name="zone">Where it may lie at most.</param>
    /// <returns>
    /// The first frame's descriptor, its links and owner cleared; null when there is no such run, even after caches were emptied, or when there is only the <see cref="Reserve"/> for what a process wants.
    /// </returns>
    public static Frame* Allocate(nuint count, FrameUse use, FrameZone zone = FrameZone.Normal)
    {
        if (count - 1 >= LongestRun || (FaultInjection.IsEnabled && FaultInjection.Fails()))
        {
            return null;
        }

        bool keepsReserve = use >= FrameUse.User;
        Frame* frame = Take(count, zone, keepsReserve);
        if (frame == null)
        {
            ReclaimCaches();
            frame = Take(count, zone, keepsReserve);
            if (frame == null)
            {
                Interlocked.Increment(ref s_failures);
                return null;
            }
        }

        frame->Next = null;
        frame->Previous = null;
        frame->Owner = 0;
        frame->Count = (uint)count;
        frame->Use = use;
        return frame;
    }

    /// <summary>Takes one frame for any use and clears its memory; null when there is none.</summary>
    public static Frame* AllocateCleared(FrameUse use)
    {
        Frame* frame = Allocate(1, use);
        if (frame != null)
        {
            RawMemory.Clear(FrameTable.AddressOf(frame), Frame.Size);
        }

        return frame;
    }

    /// <summary>Takes one frame for a page table, or for what the machine keeps for good, and clears it.</summary>
    /// <returns>Its physical address; 0 when there is none.</returns>
    public static ulong AllocateClearedPage()
    {
        Frame* frame = PageTableFrames.AllocateCleared();
        return frame == null ? 0 : FrameTable.PhysicalOf(frame);
    }

    /// <summary>Gives a whole run back. Panics when the frame is not the first one of an allocated run: a double release, or a stray pointer.</summary>
    public static void Free(Frame* frame)
    {
        nuint count = frame->Count;
        if (count == 0 || frame->Use is FrameUse.None or FrameUse.Free or FrameUse.Cached)
        {
            Panic.Now("A frame was released that is not allocated"u8);
        }

        for (nuint i = 0; i < count; i++)
        {
            frame[i].Owner = 0;
            frame[i].Use = FrameUse.None;
        }

        frame->Count = 0;
        nuint number = FrameTable.NumberOf(frame);
        if (count == 1 && number >= FirstFrameAbove16MiB)
        {
            frame->Use = FrameUse.Cached;
            s_caches[Cpu.CurrentIndex].Give(frame);
        }
        else
        {
            ZoneOf(number).GiveRun(frame, count);
        }
    }

    /// <summary>Empties the stocks of all CPUs into the zones, so that frames can join to larger blocks.</summary>
    public static void DrainCaches()
    {
        for (int i = 0; i < Cpu.Count; i++)
        {
            s_caches[i].Drain();
        }
    }

    /// <summary>Takes single frames for a CPU's stock; the zones from the highest down.</summary>
    internal static int TakeSingles(int count, ref Frame* list)
    {
        int taken = 0;
        for (int zone = ZoneCount - 1; zone >= 0 && taken == 0; zone--)
        {
            taken = s_zones[zone].TakeSingles(count, ref list);
        }

        for (Frame* frame = list; frame != null; frame = frame->Next)
        {
            frame->Use = FrameUse.Cached;
        }

        return taken;
    }

    /// <summary>Gives single frames back to the zones that they are from.</summary>
    internal static void GiveSingles(Frame* list)
    {
        // One lock operation for each stretch of frames of one zone, which usually is the whole list.
        while (list != null)
        {
            Frame* last = list;
            ref BuddyZone zone = ref ZoneOf(FrameTable.NumberOf(list));
            while (last->Next != null && Unsafe.AreSame(ref zone, ref ZoneOf(FrameTable.NumberOf(last->Next))))
            {
                last = last->Next;
            }

            Frame* rest = last->Next;
            last->Next = null;
            zone.GiveSingles(list);
            list = rest;
        }
    }

    private static ref BuddyZone ZoneOf(nuint number) =>
        ref s_zones[number >= FirstFrameAbove4GiB ? 2 : number >= FirstFrameAbove16MiB ? 1 : 0];

    private static Frame* Take(nuint count, FrameZone zone, bool keepsReserve)
    {
        if (count == 1 && zone == FrameZone.Normal)
        {
            return s_caches[Cpu.CurrentIndex].Take(keepsReserve);
        }

        int order = BitOperations.Log2((ulong)count);
        order += (nuint)1 << order < count ? 1 : 0;
        for (int i = (int)zone; i >= 0; i--)
        {
            Frame* frame = s_zones[i].Take(order);
            if (frame != null)
            {
                nuint surplus = ((nuint)1 << order) - count;
                if (surplus != 0)
                {
                    s_zones[i].GiveRun(frame + count, surplus);
                }

                return frame;
            }
        }

        return null;
    }

    // 128 KiB at least.
    [BeforePublication]
    private static void SetReserve()
    {
        ulong square = (ulong)ManagedFrames * (Frame.Size / 1024) * 16;
        ulong root = 128;
        while ((root + 1) * (root + 1) <= square)
        {
            root++;
        }

        Volatile.Write(ref s_reserve, root / (Frame.Size / 1024));
    }

    // No lock of this class is held here, and none that slab caches take while they hold their own.
    private static void ReclaimCaches()
    {
        // Where the task could be switched away, it holds no lock for which a CPU would wait with interrupts off: it may wait for all CPUs.
        if (s_reclaim != null && Preemption.IsPossible)
        {
            s_reclaim();
        }

        SlabCache.ShrinkAll();
        DrainCaches();
    }

    // The parts of a usable range that are in no reserved one.
    private static void AddUnreserved(ulong start, ulong end)
    {
        while (start < end)
        {
            MemoryRange next = new() { Start = end, End = end };
            for (int i = 0; i < BootReservations.Count; i++)
            {
                MemoryRange reserved = BootReservations.Get(i);
                if (reserved.End > start && reserved.Start < next.Start && reserved.End > reserved.Start)
                {
                    next = reserved;
                }
            }

            if (next.Start > start)
            {
                AddReserved(start, next.Start);
            }

            start = next.End;
        }
    }

    [InlineArray(ZoneCount)]
    private struct ZoneTable
    {
        private BuddyZone _first;
    }

    [InlineArray(Cpu.Maximum)]
    private struct CacheTable
    {
        private FrameCache _first;
    }
}
