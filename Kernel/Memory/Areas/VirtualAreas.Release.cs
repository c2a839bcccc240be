using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Machine.Smp;
using CosmosKernel.Memory.Frames;

namespace CosmosKernel.Memory.Areas;

// How areas come back. Asking all CPUs to forget a translation costs an interrupt on each of them, so it is done once for a batch:
//
//   unmapped   the page table's entries are gone; another CPU may still have some of them in its TLB. Frames and addresses are nobody's.
//   forgotten  a shoot-down that began after the entries were gone has ended. Frames and addresses go back one area after the other.
//
// One shoot-down runs at a time, with preemption off, so who waits for it waits for a CPU that is at it and for nobody's turn. What is forgotten anybody gives back who wants memory: a task that was
// switched away in the middle of a batch keeps one area of it, and no more.
public static unsafe partial class VirtualAreas
{
    // The batch at which CPUs are asked: a share of the memory that nobody misses, and no more than 16 MiB, since a thousand stacks for one shoot-down leave nothing to be saved.
    private const ulong SmallestBatchPages = 64;
    private const ulong LargestBatchPages = 4096;
    private const ulong ShareOfMemory = 256;

    [GuardedBy(nameof(s_lock))]
    private static VirtualArea* s_unmapped;

    // The one that was added first.
    [GuardedBy(nameof(s_lock))]
    private static VirtualArea* s_lastUnmapped;

    // What a shoot-down has to cover, in pages.
    [GuardedBy(nameof(s_lock))]
    private static ulong s_unmappedStart;

    [GuardedBy(nameof(s_lock))]
    private static ulong s_unmappedEnd;

    // Frames of the areas on the list.
    [GuardedBy(nameof(s_lock))]
    private static ulong s_unmappedFrames;

    [GuardedBy(nameof(s_lock))]
    private static VirtualArea* s_forgotten;

    [GuardedBy(nameof(s_lock))]
    private static bool s_isShootingDown;

    // Shoot-downs that have ended.
    [GuardedBy(nameof(s_lock))]
    private static ulong s_shootDowns;

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static ulong s_heldFrames;

    /// <summary>Frames of released areas that are not free yet, since a CPU may still have a translation to them. A snapshot.</summary>
    public static nuint HeldFrames => (nuint)Volatile.Read(ref s_heldFrames);

    /// <summary>Frames of released areas at which all CPUs are asked to forget them.</summary>
    public static ulong BatchPages
    {
        get
        {
            ulong pages = FrameAllocator.ManagedFrames / ShareOfMemory;
            return pages < SmallestBatchPages ? SmallestBatchPages : pages > LargestBatchPages ? LargestBatchPages : pages;
        }
    }

    /// <summary>
    /// Gives back the frames and addresses of all areas that were released before the call, but for the one area that a task may just be at. Task context with no spin lock held, interrupts on: waits for the
    /// other CPUs, and does not sleep.
    /// </summary>
    /// <returns>Whether there were any.</returns>
    public static bool Flush()
    {
        bool any = ShootDownAll();
        VirtualArea* area;
        while ((area = TakeForgotten()) != null)
        {
            GiveBack(area, wasHeld: true);
            any = true;
        }

        return any;
    }

    [BeforePublication]
    private static void ForgetReleased()
    {
        s_unmapped = null;
        s_lastUnmapped = null;
        s_unmappedFrames = 0;
        s_forgotten = null;
        s_isShootingDown = false;
        s_shootDowns = 0;
        s_heldFrames = 0;
    }

    // Unmaps an area whose use is Releasing, so that nobody else releases it.
    private static void Release(VirtualArea* area)
    {
        if (!Unmap(area, out ulong frames))
        {
            GiveBack(area, wasHeld: false);
            return;
        }

        // Device memory does not wait: a stale translation would reach the device, whoever it belongs to by then.
        if (Hold(area, frames) || !area->OwnsFrames || FrameAllocator.IsLow)
        {
            Flush();
        }
    }

    // Memory has run out: what was mapped of this area is needed.
    private static void Abandon(VirtualArea* area)
    {
        using (s_lock.Enter())
        {
            area->Use = VirtualAreaUse.Releasing;
        }

        Release(area);
        Flush();
    }

    // False when no other CPU can have a translation: nothing was mapped, or there is no other CPU. The latter is also the state of early boot, where interrupts are off.
    private static bool Unmap(VirtualArea* area, out ulong frames)
    {
        ulong start = area->FirstMapped << Frame.Shift;
        ulong end = area->EndPage << Frame.Shift;
        Frame* list = null;
        bool mapped = false;
        frames = 0;
        for (ulong address = start; address < end; address += Frame.Size)
        {
            ulong physical = PageTables.Unmap(address);
            mapped |= physical != 0;
            if (physical != 0 && area->OwnsFrames)
            {
                Frame* frame = FrameTable.OfPhysical(physical);
                frame->Next = list;
                list = frame;
                frames++;
            }
        }

        area->Frames = list;
        return mapped && Cpu.Count > 1;
    }

    // Puts an unmapped area into the batch; true when the batch is full.
    private static bool Hold(VirtualArea* area, ulong frames)
    {
        using (s_lock.Enter())
        {
            bool first = s_unmapped == null;
            s_unmappedStart = first || area->FirstMapped < s_unmappedStart ? area->FirstMapped : s_unmappedStart;
            s_unmappedEnd = first || area->EndPage > s_unmappedEnd ? area->EndPage : s_unmappedEnd;
            s_lastUnmapped = first ? area : s_lastUnmapped;
            area->NextReleased = s_unmapped;
            s_unmapped = area;
            s_unmappedFrames += frames;
            s_heldFrames += frames;
            return s_unmappedFrames >= BatchPages;
        }
    }

    // Returns when all that was unmapped before the call is forgotten; says whether there was any.
    private static bool ShootDownAll()
    {
        ulong wanted = 0;
        bool isFirst = true;
        while (true)
        {
            using (Preemption.Disable())
            {
                VirtualArea* batch;
                VirtualArea* last;
                ulong start;
                ulong pages;
                using (s_lock.Enter())
                {
                    if (isFirst)
                    {
                        // The one that runs may have begun before the last area was unmapped; the next one takes all.
                        wanted = s_shootDowns + (s_isShootingDown ? 1ul : 0) + (s_unmapped != null ? 1ul : 0);
                    }

                    if (s_shootDowns >= wanted)
                    {
                        return !isFirst;
                    }

                    isFirst = false;
                    batch = s_isShootingDown ? null : s_unmapped;
                    last = s_lastUnmapped;
                    start = s_unmappedStart;
                    pages = s_unmappedEnd - start;
                    if (batch != null)
                    {
                        s_isShootingDown = true;
                        s_unmapped = null;
                        s_unmappedFrames = 0;
                    }
                }

                if (batch != null)
                {
                    TlbShootdown.Flush(start << Frame.Shift, pages);
                    using (s_lock.Enter())
                    {
                        last->NextReleased = s_forgotten;
                        s_forgotten = batch;
                        s_isShootingDown = false;
                        s_shootDowns++;
                    }

                    continue;
                }
            }

            // Another CPU is at it, and stays at it.
            CpuInstructions.Pause();
        }
    }

    private static VirtualArea* TakeForgotten()
    {
        using (s_lock.Enter())
        {
            VirtualArea* area = s_forgotten;
            if (area != null)
            {
                s_forgotten = area->NextReleased;
            }

            return area;
        }
    }

    private static void GiveBack(VirtualArea* area, bool wasHeld)
    {
        ulong frames = 0;
        Frame* frame = area->Frames;
        while (frame != null)
        {
            Frame* next = frame->Next;
            FrameAllocator.Free(frame);
            frame = next;
            frames++;
        }

        VirtualArea* unusedAfter = null;
        VirtualArea* unusedArea = null;
        using (s_lock.Enter())
        {
            s_heldFrames -= wasHeld ? frames : 0;
            s_usedPages -= area->Pages;
            s_usedAreas--;
            area->Use = VirtualAreaUse.Free;
            area->GuardPages = 0;
            area->Frames = null;
            VirtualArea* after = AreaTree.Next(area);
            if (after != null && after->Use == VirtualAreaUse.Free)
            {
                area->Pages += after->Pages;
                s_tree.Remove(after);
                unusedAfter = after;
            }

            VirtualArea* before = AreaTree.Previous(area);
            if (before != null && before->Use == VirtualAreaUse.Free)
            {
                before->Pages += area->Pages;
                s_tree.Remove(area);
                unusedArea = area;
                area = before;
            }

            AreaTree.Update(area);
        }

        FreeNode(unusedAfter);
        FreeNode(unusedArea);
    }

    private static void FreeNode(VirtualArea* node)
    {
        if (node == null)
        {
            return;
        }

        // The slab cache may want a frame for its stock, and whoever wants a frame in task context flushes: not from in here.
        using (Preemption.Disable())
        {
            s_nodes->Free(node);
        }
    }
}
