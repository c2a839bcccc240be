using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Heap;

/// <summary>
/// The objects whose finalizers are to run. A slot is free (a link, bit 1 set), registered (the object's reference, which keeps nothing alive), or ready
/// (bit 0 set: found unreachable, kept alive until the finalizer thread takes it). Critical finalizers have pages of their own and run last.
/// </summary>
internal static unsafe class FinalizationTable
{
    /// <summary>In the object header: the finalizer does not run (GC.SuppressFinalize). The place of CoreCLR's BIT_SBLK_FINALIZER_RUN.</summary>
    public const uint SuppressedBit = 0x4000_0000;

    private const int SlotsPerPage = (HeapFrames.FrameSize - PageHeaderSize) / 8;
    private const int PageHeaderSize = 64;
    private const nuint FreeTag = 2;
    private const nuint ReadyTag = 1;
    private const int Groups = 2;

    private static HeapLock s_lock;

    [GuardedBy(nameof(s_lock))]
    private static GroupTable s_groups;

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static nuint s_ready;

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static nuint s_registered;

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static nuint s_pages;

    /// <summary>Objects that wait for the finalizer thread.</summary>
    public static nuint Ready => Volatile.Read(ref s_ready);

    /// <summary>Objects registered, the ready ones not counted.</summary>
    public static nuint Registered => Volatile.Read(ref s_registered);

    /// <summary>Bytes of the table.</summary>
    public static nuint Bytes => Volatile.Read(ref s_pages) * HeapFrames.FrameSize;

    /// <summary>Forgets everything; called once before the first registration.</summary>
    [BeforePublication]
    public static void Initialize()
    {
        s_lock = new HeapLock(LockClass.HeapFinalization, 0);
        s_groups = default;
        s_ready = 0;
        s_registered = 0;
        s_pages = 0;
    }

    /// <summary>Registers an object. Task context; the caller holds a reference.</summary>
    /// <returns>False when there is no memory: the object is then not registered.</returns>
    public static bool Register(nuint reference, bool critical)
    {
        int group = critical ? 1 : 0;
        while (true)
        {
            s_lock.Enter();
            Page* page = (Page*)s_groups.Available[group];
            if (page != null)
            {
                nuint* slot = Slots(page) + page->FirstFree;
                page->FirstFree = (int)(*slot >> 2);
                *slot = reference;
                if (++page->Used == SlotsPerPage)
                {
                    PageList.Unlink(ref s_groups.Available[group], &page->Links);
                    PageList.Link(ref s_groups.Full[group], &page->Links);
                }

                s_registered++;
                s_lock.Exit();
                return true;
            }

            s_lock.Exit();
            if (!AddPage(group))
            {
                return false;
            }
        }
    }

    /// <summary>Takes an object whose finalizer is due, ordinary ones before critical ones; 0 when there is none. Task context.</summary>
    public static nuint TakeReady()
    {
        nuint reference = 0;
        Page* empty = null;
        s_lock.Enter();
        for (int group = 0; group < Groups && reference == 0 && s_ready != 0; group++)
        {
            Page* page = FirstReadyPage(group);
            if (page == null)
            {
                continue;
            }

            nuint* slots = Slots(page);
            int index = page->ScanFrom;
            while ((slots[index] & ReadyTag) == 0)
            {
                index = index + 1 == SlotsPerPage ? 0 : index + 1;
            }

            page->ScanFrom = index;
            reference = slots[index] - ReadyTag;
            page->ReadyCount--;
            s_ready--;
            empty = FreeSlot(page, index);
        }

        s_lock.Exit();
        if (empty != null)
        {
            HeapFrames.FreeRun((byte*)empty, 1);
        }

        return reference;
    }

    /// <summary>Gives empty pages back, one of each group excepted. Task context.</summary>
    public static void Trim()
    {
        Page* empty = null;
        s_lock.Enter();
        for (int group = 0; group < Groups; group++)
        {
            Page* page = (Page*)s_groups.Available[group];
            while (page != null)
            {
                Page* next = (Page*)page->Links.Next;
                if (page->Used == 0 && (next != null || page->Links.Previous != null))
                {
                    PageList.Unlink(ref s_groups.Available[group], &page->Links);
                    page->Links.Next = (PageLinks*)empty;
                    empty = page;
                    s_pages--;
                }

                page = next;
            }
        }

        s_lock.Exit();
        while (empty != null)
        {
            Page* next = (Page*)empty->Links.Next;
            HeapFrames.FreeRun((byte*)empty, 1);
            empty = next;
        }
    }

    /// <summary>Takes the lock for a collection; interrupts are off.</summary>
    [Acquires(nameof(s_lock))]
    [AtomicContext]
    public static void Acquire() => s_lock.Acquire();

    /// <summary>The counterpart of <see cref="Acquire"/>.</summary>
    [Releases(nameof(s_lock))]
    [AtomicContext]
    public static void Release() => s_lock.Release();

    /// <summary>Marks the objects that still wait for the finalizer thread.</summary>
    [RequiresLock(nameof(s_lock))]
    public static void MarkReady()
    {
        if (s_ready == 0)
        {
            return;
        }

        for (int group = 0; group < Groups; group++)
        {
            MarkReady((Page*)s_groups.Full[group]);
            MarkReady((Page*)s_groups.Available[group]);
        }
    }

    /// <summary>
    /// Makes the registered objects that were not reached ready, without marking them: an object that only another dead one refers to is finalized as well.
    /// <see cref="MarkReady()"/> follows. Returns their number.
    /// </summary>
    [RequiresLock(nameof(s_lock))]
    public static nuint PromoteUnreached()
    {
        nuint promoted = 0;
        for (int group = 0; group < Groups; group++)
        {
            // A full page with a suppressed object moves to the available ones: those are visited first, so that no page is seen twice.
            promoted += PromotePages(group, (Page*)s_groups.Available[group]);
            promoted += PromotePages(group, (Page*)s_groups.Full[group]);
        }

        return promoted;
    }

    [RequiresLock(nameof(s_lock))]
    private static nuint PromotePages(int group, Page* page)
    {
        nuint promoted = 0;
        while (page != null)
        {
            Page* next = (Page*)page->Links.Next;
            nuint* slots = Slots(page);
            for (int index = 0; index < SlotsPerPage; index++)
            {
                nuint reference = slots[index];
                if ((reference & (FreeTag | ReadyTag)) != 0 || Marker.IsReached(reference))
                {
                    continue;
                }

                s_registered--;
                if ((*(uint*)(reference - 4) & SuppressedBit) != 0)
                {
                    ReleaseSlot(page, index);
                    continue;
                }

                slots[index] = reference | ReadyTag;
                page->ReadyCount++;
                s_ready++;
                promoted++;
            }

            page = next;
        }

        return promoted;
    }

    [RequiresLock(nameof(s_lock))]
    private static void MarkReady(Page* page)
    {
        for (; page != null; page = (Page*)page->Links.Next)
        {
            if (page->ReadyCount == 0)
            {
                continue;
            }

            nuint* slots = Slots(page);
            for (int index = 0; index < SlotsPerPage; index++)
            {
                if ((slots[index] & ReadyTag) != 0)
                {
                    Marker.MarkReference(slots[index] - ReadyTag);
                }
            }
        }
    }

    [RequiresLock(nameof(s_lock))]
    private static Page* FirstReadyPage(int group)
    {
        for (Page* page = (Page*)s_groups.Full[group]; page != null; page = (Page*)page->Links.Next)
        {
            if (page->ReadyCount != 0)
            {
                return page;
            }
        }

        for (Page* page = (Page*)s_groups.Available[group]; page != null; page = (Page*)page->Links.Next)
        {
            if (page->ReadyCount != 0)
            {
                return page;
            }
        }

        return null;
    }

    /// <summary>Frees a slot; returns the page when it became empty and another one has room: the caller frees it outside the lock.</summary>
    [RequiresLock(nameof(s_lock))]
    private static Page* FreeSlot(Page* page, int index)
    {
        ReleaseSlot(page, index);
        if (page->Used != 0 || (page->Links.Next == null && page->Links.Previous == null))
        {
            return null;
        }

        PageList.Unlink(ref s_groups.Available[page->Group], &page->Links);
        s_pages--;
        return page;
    }

    [RequiresLock(nameof(s_lock))]
    private static void ReleaseSlot(Page* page, int index)
    {
        if (page->Used-- == SlotsPerPage)
        {
            PageList.Unlink(ref s_groups.Full[page->Group], &page->Links);
            PageList.Link(ref s_groups.Available[page->Group], &page->Links);
            page->FirstFree = 0;
        }

        Slots(page)[index] = ((nuint)(uint)page->FirstFree << 2) | FreeTag;
        page->FirstFree = index;
    }

    private static nuint* Slots(Page* page) => (nuint*)((byte*)page + PageHeaderSize);

    private static bool AddPage(int group)
    {
        Page* page = (Page*)HeapFrames.AllocateRun(1);
        if (page == null)
        {
            return false;
        }

        HeapMemory.Zero((byte*)page, HeapFrames.FrameSize);
        page->Group = group;
        for (int index = 0; index < SlotsPerPage; index++)
        {
            // The last slot's link is never followed: a full page is not on the list of available ones.
            Slots(page)[index] = ((nuint)(uint)(index + 1) << 2) | FreeTag;
        }

        s_lock.Enter();
        PageList.Link(ref s_groups.Available[group], &page->Links);
        s_pages++;
        s_lock.Exit();
        return true;
    }

    /// <summary>The start of a page of slots.</summary>
    private struct Page
    {
        public PageLinks Links;
        public int Group;
        public int Used;
        public int FirstFree;
        public int ReadyCount;
        public int ScanFrom;
    }

    /// <summary>Heads of the page lists of each group, ordinary and critical.</summary>
    private struct GroupTable
    {
        public fixed ulong Available[Groups];
        public fixed ulong Full[Groups];
    }
}
