using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Heap;

/// <summary>What a handle does to its object.</summary>
internal enum HandleKind
{
    /// <summary>Keeps nothing alive; cleared when the object is first found unreachable, before its finalizer runs.</summary>
    WeakShort,

    /// <summary>Keeps nothing alive; cleared when the object is gone for good, after its finalizer.</summary>
    WeakLong,

    /// <summary>Keeps its object alive. Pinned handles too: objects never move.</summary>
    Strong,

    /// <summary>Keeps its second object alive as long as the first is reached from elsewhere.</summary>
    Dependent,
}

/// <summary>
/// The handles. A handle is the address of an entry, whose first word is the object reference: CoreLib reads it directly. Entries of one kind share
/// pages, so that the collector visits just the kind that a phase is about. A free entry holds a link with bit 0 set.
/// </summary>
internal static unsafe class HandleTable
{
    private const int Kinds = 4;
    private const int EntriesPerPage = (HeapFrames.FrameSize - PageHeaderSize) / 16;
    private const int PageHeaderSize = 64;
    private const nuint EndOfList = 1;

    private static HeapLock s_lock;

    [GuardedBy(nameof(s_lock))]
    private static KindTable s_kinds;

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static nuint s_pages;

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static nuint s_handles;

    /// <summary>Handles in use.</summary>
    public static nuint Count => Volatile.Read(ref s_handles);

    /// <summary>Bytes of the table.</summary>
    public static nuint Bytes => Volatile.Read(ref s_pages) * HeapFrames.FrameSize;

    /// <summary>Forgets everything; called once before the first handle.</summary>
    [BeforePublication]
    public static void Initialize()
    {
        s_lock = new HeapLock(LockClass.HeapHandles, 0);
        s_kinds = default;
        s_pages = 0;
        s_handles = 0;
    }

    /// <summary>Makes a handle. Task context.</summary>
    /// <returns>The handle, or null when there is no memory.</returns>
    public static nuint* Allocate(HandleKind kind, nuint target, nuint secondary)
    {
        while (true)
        {
            s_lock.Enter();
            Page* page = (Page*)s_kinds.Available[(int)kind];
            if (page != null)
            {
                Entry* entry = (Entry*)(page->Free - 1);
                page->Free = entry->Target;
                page->Used++;
                s_handles++;
                if (page->Free == EndOfList)
                {
                    PageList.Unlink(ref s_kinds.Available[(int)kind], &page->Links);
                    PageList.Link(ref s_kinds.Full[(int)kind], &page->Links);
                }

                entry->Secondary = secondary;
                entry->Target = target;
                s_lock.Exit();
                return &entry->Target;
            }

            s_lock.Exit();
            if (!AddPage(kind))
            {
                return null;
            }
        }
    }

    /// <summary>Gives a handle back. Task context.</summary>
    public static void Free(nuint* handle)
    {
        Entry* entry = (Entry*)handle;
        Page* page = (Page*)((nuint)handle & ~(nuint)(HeapFrames.FrameSize - 1));
        Page* empty = null;
        s_lock.Enter();
        int kind = page->Kind;
        if (page->Free == EndOfList)
        {
            PageList.Unlink(ref s_kinds.Full[kind], &page->Links);
            PageList.Link(ref s_kinds.Available[kind], &page->Links);
        }

        entry->Secondary = 0;
        entry->Target = page->Free;
        page->Free = (nuint)entry | 1;
        s_handles--;

        // An empty page goes back when another one has room, so that one handle made and freed over and over costs no page each time.
        if (--page->Used == 0 && (page->Links.Next != null || page->Links.Previous != null))
        {
            PageList.Unlink(ref s_kinds.Available[kind], &page->Links);
            s_pages--;
            empty = page;
        }

        s_lock.Exit();
        if (empty != null)
        {
            HeapFrames.FreeRun((byte*)empty, 1);
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

    /// <summary>Marks the objects of all strong handles.</summary>
    [RequiresLock(nameof(s_lock))]
    public static void MarkStrong()
    {
        for (Entry* entry = First(HandleKind.Strong, out Place place); entry != null; entry = NextEntry(ref place))
        {
            if (entry->Target != 0)
            {
                Marker.MarkReference(entry->Target);
            }
        }
    }

    /// <summary>Visits the target of each handle of a kind that has one, as a slot.</summary>
    [RequiresLock(nameof(s_lock))]
    public static void VisitTargets<TVisitor>(HandleKind kind)
        where TVisitor : struct, ISlotVisitor
    {
        for (Entry* entry = First(kind, out Place place); entry != null; entry = NextEntry(ref place))
        {
            if (entry->Target != 0)
            {
                TVisitor.Visit(&entry->Target, &entry->Target + 1);
            }
        }
    }

    /// <summary>Marks the second objects of dependent handles whose first is reached. Returns true when that marked anything, so that more may follow.</summary>
    [RequiresLock(nameof(s_lock))]
    public static bool MarkDependent()
    {
        bool marked = false;
        for (Entry* entry = First(HandleKind.Dependent, out Place place); entry != null; entry = NextEntry(ref place))
        {
            if (entry->Target != 0 && entry->Secondary != 0 && !Marker.IsReached(entry->Secondary) && Marker.IsReached(entry->Target))
            {
                Marker.MarkReference(entry->Secondary);
                marked = true;
            }
        }

        return marked;
    }

    /// <summary>Clears the handles of <paramref name="kind"/> whose object was not reached.</summary>
    [RequiresLock(nameof(s_lock))]
    public static void ClearUnreached(HandleKind kind)
    {
        for (Entry* entry = First(kind, out Place place); entry != null; entry = NextEntry(ref place))
        {
            if (entry->Target != 0 && !Marker.IsReached(entry->Target))
            {
                entry->Target = 0;
                entry->Secondary = 0;
            }
        }
    }

    [RequiresLock(nameof(s_lock))]
    private static Entry* First(HandleKind kind, out Place place)
    {
        place.Kind = (int)kind;
        place.Page = (Page*)s_kinds.Full[(int)kind];
        place.InFull = true;
        place.Index = -1;
        return NextEntry(ref place);
    }

    /// <summary>The next entry in use.</summary>
    [RequiresLock(nameof(s_lock))]
    private static Entry* NextEntry(ref Place place)
    {
        while (true)
        {
            if (place.Page == null)
            {
                if (!place.InFull)
                {
                    return null;
                }

                place.InFull = false;
                place.Page = (Page*)s_kinds.Available[place.Kind];
                place.Index = -1;
                continue;
            }

            while (++place.Index < EntriesPerPage)
            {
                Entry* entry = EntryOf(place.Page, place.Index);
                if ((entry->Target & 1) == 0)
                {
                    return entry;
                }
            }

            place.Page = (Page*)place.Page->Links.Next;
            place.Index = -1;
        }
    }

    private static Entry* EntryOf(Page* page, int index) => (Entry*)((byte*)page + PageHeaderSize) + index;

    private static bool AddPage(HandleKind kind)
    {
        Page* page = (Page*)HeapFrames.AllocateRun(1);
        if (page == null)
        {
            return false;
        }

        HeapMemory.Zero((byte*)page, HeapFrames.FrameSize);
        page->Kind = (int)kind;
        nuint next = EndOfList;
        for (int index = EntriesPerPage - 1; index >= 0; index--)
        {
            Entry* entry = EntryOf(page, index);
            entry->Target = next;
            next = (nuint)entry | 1;
        }

        page->Free = next;
        s_lock.Enter();
        PageList.Link(ref s_kinds.Available[(int)kind], &page->Links);
        s_pages++;
        s_lock.Exit();
        return true;
    }

    /// <summary>A handle's memory.</summary>
    private struct Entry
    {
        public nuint Target;
        public nuint Secondary;
    }

    /// <summary>The start of a page of entries.</summary>
    private struct Page
    {
        public PageLinks Links;
        public nuint Free;
        public int Kind;
        public int Used;
    }

    /// <summary>A place in the walk over one kind's entries.</summary>
    private struct Place
    {
        public Page* Page;
        public int Kind;
        public int Index;
        public bool InFull;
    }

    /// <summary>Heads of the page lists of each kind.</summary>
    private struct KindTable
    {
        public fixed ulong Available[Kinds];
        public fixed ulong Full[Kinds];
    }
}
