using System.Numerics;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Machine.Smp;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Memory.Slabs;

namespace CosmosKernel.Memory.Areas;

/// <summary>
/// Ranges of kernel addresses that are contiguous though their frames are not, each with unmapped guard pages below it; since every range begins with its
/// guard, there is one above it as well. From the virtual areas of docs/architecture.md, without their first gigabyte, which is Machine's.
/// <para>
/// Task context only, with no spin lock held. An area that is given back is unmapped at once, so that this CPU faults when it touches it; its frames and addresses are used again only when all CPUs
/// have forgotten its translations, which they are asked once for many areas.
/// </para>
/// </summary>
public static unsafe partial class VirtualAreas
{
    private static IrqSpinLock s_lock = new(LockClass.VirtualAreas);

    [GuardedBy(nameof(s_lock))]
    private static AreaTree s_tree;

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static ulong s_usedPages;

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static ulong s_usedAreas;

    [Immutable]
    private static SlabCache* s_nodes;

    /// <summary>Pages in use, guard pages included. A snapshot.</summary>
    public static nuint UsedPages => (nuint)Volatile.Read(ref s_usedPages);

    /// <summary>Areas in use. A snapshot.</summary>
    public static nuint UsedAreas => (nuint)Volatile.Read(ref s_usedAreas);

    private static ulong FirstPage => (MachineArea.Base + MachineArea.Bytes) >> Frame.Shift;

    private static ulong EndPage => (PageTables.VirtualAreaBase + PageTables.VirtualAreaBytes) >> Frame.Shift;

    /// <summary>The tree, for checks while nobody else uses it.</summary>
    internal static AreaTree Tree
    {
        get
        {
            using (s_lock.Enter())
            {
                return s_tree;
            }
        }
    }

    /// <summary>Makes the whole range free. Boot CPU, once, after the native heap.</summary>
    [BeforePublication]
    public static void Initialize()
    {
        s_tree = default;
        s_usedPages = 0;
        s_usedAreas = 0;
        ForgetReleased();
        s_nodes = SlabCache.Create("virtual area"u8, sizeof(VirtualArea));
        VirtualArea* all = s_nodes == null ? null : (VirtualArea*)s_nodes->Allocate();
        if (all == null)
        {
            Panic.Now("There is no memory for the virtual areas"u8);
        }

        *all = new() { FirstPage = FirstPage, Pages = EndPage - FirstPage };
        using (s_lock.Enter())
        {
            s_tree.Insert(all);
        }

        FrameAllocator.SetReclaim(&Flush);
    }

    /// <summary>Takes addresses and frames, mapped readable and writable, contents undefined.</summary>
    /// <param name="bytes">Size; rounded up to pages.</param>
    /// <param name="use">What for.</param>
    /// <param name="alignment">Bytes, a power of two from 4096 on.</param>
    /// <param name="guardPages">Unmapped pages below, 1 or more.</param>
    /// <returns>Null when memory or addresses ran out.</returns>
    public static void* Allocate(nuint bytes, VirtualAreaUse use, nuint alignment = Frame.Size, uint guardPages = 1)
    {
        VirtualArea* area = Reserve(bytes, use, alignment, guardPages, ownsFrames: true);
        if (area == null)
        {
            return null;
        }

        ulong start = area->FirstMapped << Frame.Shift;
        ulong end = area->EndPage << Frame.Shift;
        for (ulong address = start; address < end; address += Frame.Size)
        {
            if (!TryMapFrame(address, cleared: false))
            {
                Abandon(area);
                return null;
            }
        }

        return (void*)start;
    }

    /// <summary>Takes addresses with nothing behind them yet; <see cref="TryCommit"/> puts memory there.</summary>
    /// <param name="bytes">Size; rounded up to pages.</param>
    /// <param name="use">What for.</param>
    /// <returns>Null when addresses ran out.</returns>
    public static void* ReserveAddresses(nuint bytes, VirtualAreaUse use)
    {
        VirtualArea* area = Reserve(bytes, use, Frame.Size, 1, ownsFrames: true);
        return area == null ? null : (void*)(area->FirstMapped << Frame.Shift);
    }

    /// <summary>
    /// Maps pages of an area that <see cref="ReserveAddresses"/> gave, readable and writable, filled with zero. Pages that are mapped already stay as they are.
    /// One caller at a time for an area.
    /// </summary>
    /// <param name="address">First byte wanted.</param>
    /// <param name="bytes">Bytes wanted.</param>
    /// <returns>False when memory ran out or the range is not inside one area; some of it may be mapped then.</returns>
    public static bool TryCommit(void* address, nuint bytes)
    {
        ulong start = (ulong)address & ~(Frame.Size - 1ul);
        ulong end = (ulong)address + bytes;
        if (!TryFind(start, out VirtualAreaInfo info) || start < info.Start || end > info.End || end < start)
        {
            return false;
        }

        for (ulong page = start; page < end; page += Frame.Size)
        {
            if (!PageTables.TryTranslate(page, out _) && !TryMapFrame(page, cleared: true))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Maps physical memory that is not the frame allocator's: device registers, framebuffers.</summary>
    /// <param name="physical">First byte; need not be at the start of a page.</param>
    /// <param name="bytes">Size; 0 is refused.</param>
    /// <param name="rights">Rights and caching.</param>
    /// <returns>The address of the first byte, to be given to <see cref="Free"/> as it is; null when memory or addresses ran out.</returns>
    public static void* MapPhysical(ulong physical, nuint bytes, PageRights rights)
    {
        ulong offset = physical & (Frame.Size - 1);
        VirtualArea* area = bytes == 0 ? null : Reserve(bytes + (nuint)offset, VirtualAreaUse.Device, Frame.Size, 1, ownsFrames: false);
        if (area == null)
        {
            return null;
        }

        ulong start = area->FirstMapped << Frame.Shift;
        ulong end = area->EndPage << Frame.Shift;
        for (ulong address = start; address < end; address += Frame.Size)
        {
            ulong frame = physical - offset + (address - start);
            if (!PageTables.Map(address, frame, rights | PageRights.Global) && !(Flush() && PageTables.Map(address, frame, rights | PageRights.Global)))
            {
                Abandon(area);
                return null;
            }
        }

        return (void*)(start + offset);
    }

    /// <summary>
    /// Gives an area back. Panics when the address is in no area's first page. It is unmapped when this returns. Its frames and addresses come back with those of others, at the latest when memory is short;
    /// those of device memory before this returns. Waits for the other CPUs when it is this area that makes the batch full.
    /// </summary>
    public static void Free(void* address)
    {
        ulong page = (ulong)address >> Frame.Shift;
        VirtualArea* area;
        using (s_lock.Enter())
        {
            area = s_tree.Find(page);
            if (area == null || area->Use <= VirtualAreaUse.Releasing || area->FirstMapped != page)
            {
                Panic.Now("An address was released that is no virtual area"u8);
            }

            // From here on nobody else can release it.
            area->Use = VirtualAreaUse.Releasing;
        }

        Release(area);
    }

    /// <summary>Mapped bytes of the area that starts at <paramref name="address"/>. Panics when it is no area.</summary>
    public static nuint SizeOf(void* address)
    {
        if (!TryFind((ulong)address, out VirtualAreaInfo info) || info.Start != ((ulong)address & ~(Frame.Size - 1ul)))
        {
            Panic.Now("An address is no virtual area"u8);
        }

        return (nuint)(info.End - info.Start);
    }

    /// <summary>
    /// Describes the area that an address is in, its guard pages included. False for free addresses and, rather than wait, when the lock is held: so fault
    /// reports may call it in any context but NMI.
    /// </summary>
    public static bool TryFindNow(ulong address, out VirtualAreaInfo info)
    {
        info = default;
        using IrqSpinLock.Guard guard = s_lock.TryEnter();
        return guard.Taken && Describe(address, out info);
    }

    /// <summary>Describes the area that an address is in, its guard pages included; false for free addresses.</summary>
    public static bool TryFind(ulong address, out VirtualAreaInfo info)
    {
        using (s_lock.Enter())
        {
            return Describe(address, out info);
        }
    }

    [RequiresLock(nameof(s_lock))]
    private static bool Describe(ulong address, out VirtualAreaInfo info)
    {
        VirtualArea* area = s_tree.Find(address >> Frame.Shift);
        if (area == null || area->Use <= VirtualAreaUse.Releasing)
        {
            info = default;
            return false;
        }

        info = new()
        {
            GuardStart = area->FirstPage << Frame.Shift,
            Start = area->FirstMapped << Frame.Shift,
            End = area->EndPage << Frame.Shift,
            Use = area->Use,
        };
        return true;
    }

    // Takes addresses with nothing mapped. Nodes are made before the lock is taken: the slab cache may need frames.
    private static VirtualArea* Reserve(nuint bytes, VirtualAreaUse use, nuint alignment, uint guardPages, bool ownsFrames)
    {
        ulong mapped = ((ulong)bytes >> Frame.Shift) + ((bytes & (Frame.Size - 1)) != 0 ? 1ul : 0);
        if (mapped == 0 || mapped >= EndPage - FirstPage || guardPages == 0 || alignment < Frame.Size || !BitOperations.IsPow2((ulong)alignment))
        {
            return null;
        }

        var before = (VirtualArea*)s_nodes->Allocate();
        var after = (VirtualArea*)s_nodes->Allocate();
        VirtualArea* area = null;
        if (before != null && after != null)
        {
            do
            {
                using (s_lock.Enter())
                {
                    area = Carve(mapped + guardPages, guardPages, (ulong)alignment >> Frame.Shift, ref before, ref after);
                    if (area != null)
                    {
                        area->Use = use;
                        area->GuardPages = guardPages;
                        area->OwnsFrames = ownsFrames;
                        AreaTree.Update(area);
                        s_usedPages += area->Pages;
                        s_usedAreas++;
                    }
                }
            }
            while (area == null && Flush());
        }

        FreeNode(before);
        FreeNode(after);
        return area;
    }

    // Cuts the lowest fitting piece out of the free ranges. A spare node that it uses becomes null.
    [RequiresLock(nameof(s_lock))]
    private static VirtualArea* Carve(ulong pages, ulong guardPages, ulong alignment, ref VirtualArea* before, ref VirtualArea* after)
    {
        VirtualArea* area = s_tree.FindFree(pages + alignment - 1);
        if (area == null)
        {
            return null;
        }

        ulong first = ((area->FirstPage + guardPages + alignment - 1) & ~(alignment - 1)) - guardPages;
        ulong end = area->EndPage;
        if (first != area->FirstPage)
        {
            // The pages in front stay free, under the node that is there.
            area->Pages = first - area->FirstPage;
            AreaTree.Update(area);
            area = before;
            before = null;
            *area = new() { FirstPage = first, Pages = end - first };
            s_tree.Insert(area);
        }

        if (end - first != pages)
        {
            area->Pages = pages;
            VirtualArea* rest = after;
            after = null;
            *rest = new() { FirstPage = first + pages, Pages = end - first - pages };
            s_tree.Insert(rest);
        }

        return area;
    }

    // Maps a frame; takes frames and page tables from released areas when there are no others.
    private static bool TryMapFrame(ulong address, bool cleared) => MapFrame(address, cleared) || (Flush() && MapFrame(address, cleared));

    private static bool MapFrame(ulong address, bool cleared)
    {
        Frame* frame = cleared ? FrameAllocator.AllocateCleared(FrameUse.VirtualArea) : FrameAllocator.Allocate(1, FrameUse.VirtualArea);
        if (frame == null)
        {
            return false;
        }

        if (!PageTables.Map(address, FrameTable.PhysicalOf(frame), PageRights.Read | PageRights.Write | PageRights.Global))
        {
            FrameAllocator.Free(frame);
            return false;
        }

        return true;
    }
}

/// <summary>What <see cref="VirtualAreas.TryFind"/> tells of an area; addresses in bytes.</summary>
public readonly struct VirtualAreaInfo
{
    /// <summary>First address of the guard pages.</summary>
    public ulong GuardStart { get; init; }

    /// <summary>First mapped address.</summary>
    public ulong Start { get; init; }

    /// <summary>First address after the area.</summary>
    public ulong End { get; init; }

    /// <summary>What it is used for.</summary>
    public VirtualAreaUse Use { get; init; }
}
