using System;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Threads;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.Slabs;
using SpinLock = CosmosKernel.Machine.Locking.SpinLock;

namespace CosmosKernel.Memory.User;

/// <summary>
/// The page tables of one address space's lower half, with a counted reference to each page that they map. A spin lock of its own keeps it whole; which mappings there should be
/// is the affair of the address space above, whose lock the callers hold.
/// <para>The spin lock is never held for longer than one table of the last level takes, and never while other CPUs are waited for.</para>
/// </summary>
[SkipLocalsInit]
public sealed unsafe partial class UserPageTable
{
    private readonly UserSpace* _space;

    private SpinLock _lock = new(LockClass.UserPageTable);

    [GuardedBy(nameof(_lock))]
    private PageTableTree _tree;

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private ulong _mappedPages;

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private ulong _tables;

    // Pages by UserPageKind, those of zeros left out.
    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private KindCounts _kinds;

    // Above 0 while pages move: then no table is taken out for being empty.
    [GuardedBy(nameof(_lock))]
    private int _moves;

    private UserPageTable(UserSpace* space, PageTableTree tree)
    {
        *space = new UserSpace(tree.Root);
        _space = space;
        _tree = tree;
        _tables = tree.Tables;
    }

    /// <summary>Pages that are mapped, those without rights included. A snapshot.</summary>
    public ulong MappedPages => Volatile.Read(ref _mappedPages);

    /// <summary>Bytes of the tables themselves (VmPTE). A snapshot.</summary>
    public ulong TableBytes => Volatile.Read(ref _tables) * Page.Size;

    /// <summary>Pages that are mapped, by where they are from; <see cref="Page.Zero"/> is not counted. A snapshot. Any context.</summary>
    public ulong CountOf(UserPageKind kind) => Volatile.Read(ref _kinds[(int)kind]);

    /// <summary>Makes one that maps nothing. Task context.</summary>
    /// <returns>Null when there is no memory.</returns>
    public static UserPageTable? TryCreate()
    {
        var space = (UserSpace*)KernelHeap.AllocateAligned((nuint)sizeof(UserSpace), 64);
        PageTableTree tree = default;
        if (space == null || !tree.TryInitialize())
        {
            KernelHeap.Free(space);
            return null;
        }

        try
        {
            return new UserPageTable(space, tree);
        }
        catch (OutOfMemoryException)
        {
            tree.FreeRoot();
            KernelHeap.Free(space);
            return null;
        }
    }

    /// <summary>Lets a thread run without a table from now on: what user addresses mean to it is undefined. The thread is the caller's own, or cannot run.</summary>
    public static void Detach(MachineThread thread) => UserSpace.Assign(thread, null);

    /// <summary>Lets a thread run with this table. The thread is the caller's own, or cannot run. Before <see cref="Destroy"/> each thread is detached or has ended.</summary>
    public void AttachTo(MachineThread thread) => UserSpace.Assign(thread, _space);

    /// <summary>Unmaps what is left and frees the tables. No thread has it any more. Task context, no lock that is taken with interrupts off. Called once; the object must not be used after it.</summary>
    [MightSleep]
    public void Destroy()
    {
        UserSpace.Retire(_space);
        ReleaseBatch.Begin(out ReleaseBatch batch);
        for (ulong address = 0; address < UserMemory.Limit;)
        {
            using (_lock.Enter())
            {
                address = UnmapSome(address, UserMemory.Limit, keepAnonymous: false, ref batch);
            }

            batch.Release();
        }

        using (_lock.Enter())
        {
            _tree.FreeRoot();
        }

        KernelHeap.Free(_space);
    }

    /// <summary>Maps a page and takes over the caller's reference to it.</summary>
    /// <param name="address">A multiple of 4096 below <see cref="UserMemory.Limit"/> where nothing is mapped.</param>
    /// <param name="page">The page.</param>
    /// <param name="rights">What user mode may do. A private page that others reference too must not be given <see cref="UserRights.Write"/>.</param>
    /// <param name="shared">Writes are meant to be seen by all that map the page: fork does not make it copy-on-write.</param>
    /// <param name="kind">Where the page is from.</param>
    /// <returns>False when there is no memory for a table, or something is mapped there: the reference stays the caller's.</returns>
    [UserAccess("The address is only a place in the tables.")]
    public bool TryMap([UserAddress] ulong address, Page page, UserRights rights, bool shared = false, UserPageKind kind = UserPageKind.Anonymous) =>
        TryMap(address, page, rights, out _, shared, kind);

    /// <summary>As the other one, and says why not: who looks at the entry afterwards may find that what was there is gone again.</summary>
    /// <param name="address">A multiple of the page size below <see cref="UserMemory.Limit"/>.</param>
    /// <param name="page">The page.</param>
    /// <param name="rights">What user mode may do.</param>
    /// <param name="isTaken">Something was mapped there; false with a false result: there is no memory for a table.</param>
    /// <param name="shared">Writes are meant to be seen by all that map the page.</param>
    /// <param name="kind">Where the page is from.</param>
    /// <returns>False when it was not mapped: the reference stays the caller's.</returns>
    [UserAccess("The address is only a place in the tables.")]
    public bool TryMap([UserAddress] ulong address, Page page, UserRights rights, out bool isTaken, bool shared = false, UserPageKind kind = UserPageKind.Anonymous)
    {
        Verify(address, address + Page.Size);
        isTaken = false;
        using (_lock.Enter())
        {
            ulong* leaf = _tree.MakeLeaf(address);
            _tables = _tree.Tables;
            if (leaf == null)
            {
                return false;
            }

            ulong* entry = &leaf[PageTableTree.IndexOf(address)];
            if (*entry != 0)
            {
                isTaken = true;
                return false;
            }

            // Nothing was there, and a CPU keeps no translation of nothing.
            Volatile.Write(ref *entry, Encode(page, rights, shared, kind));
            PageTableTree.CountOf(leaf)++;
            Count(page, kind);
            return true;
        }
    }

    /// <summary>
    /// What is mapped at an address, with a reference for the caller: faults that run beside each other, and truncation, may unmap the page at any moment.
    /// </summary>
    /// <returns>False when nothing is, or memory of a device, which is no page (<see cref="IsDeviceAt"/>).</returns>
    [UserAccess("The address is only a place in the tables.")]
    public bool TryTake([UserAddress] ulong address, out Page page, out UserRights rights)
    {
        ulong value = 0;
        page = default;
        if (address < UserMemory.Limit)
        {
            using (_lock.Enter())
            {
                ulong* entry = _tree.Find(address);
                value = entry == null ? 0 : Volatile.Read(ref *entry);
                value = IsDevice(value) ? 0 : value;
                if (value != 0)
                {
                    page = PageOf(value);
                    page.AddReference();
                }
            }
        }

        rights = RightsOf(value);
        return value != 0;
    }

    /// <summary>Finds the first page that is mapped in a range; where no tables are, nothing is looked at, and memory of devices is no page. No reference is added, so the page is good for its counts only.</summary>
    /// <param name="address">Where to begin, a multiple of 4096; then where the page is mapped, or the end.</param>
    /// <param name="end">The address after the last one, at most <see cref="UserMemory.Limit"/>.</param>
    /// <param name="page">The page.</param>
    /// <param name="dirty">It was written through this mapping.</param>
    /// <param name="accessed">It was used through this mapping.</param>
    /// <returns>False when nothing is mapped there.</returns>
    [UserAccess("The addresses are only places in the tables.")]
    public bool TryFindNext([UserAddress] ref ulong address, [UserAddress] ulong end, out Page page, out bool dirty, out bool accessed)
    {
        while (address < end)
        {
            using (_lock.Enter())
            {
                ulong* leaf = _tree.FindLeaf(address, out ulong next);
                next = next < end ? next : end;
                for (; leaf != null && address < next; address += Page.Size)
                {
                    ulong value = Volatile.Read(ref leaf[PageTableTree.IndexOf(address)]);
                    if (value != 0 && !IsDevice(value))
                    {
                        page = PageOf(value);
                        dirty = (value & PageTableTree.Dirty) != 0;
                        accessed = (value & PageTableTree.Accessed) != 0;
                        return true;
                    }
                }

                address = next;
            }
        }

        page = default;
        dirty = false;
        accessed = false;
        return false;
    }

    /// <summary>
    /// Puts another page, or the same one with other rights, in the place of a page: a copied one in the place of the shared one. The reference of <paramref name="page"/> is taken over unless it is the same
    /// page; that of the old one is released after the shoot-down. Another page is <see cref="UserPageKind.Anonymous"/>, the same one stays what it is.
    /// </summary>
    /// <returns>False, and nothing is done, when <paramref name="expected"/> is not what is mapped there.</returns>
    [MightSleep]
    [UserAccess("The address is only a place in the tables.")]
    public bool Replace([UserAddress] ulong address, Page expected, Page page, UserRights rights)
    {
        Verify(address, address + Page.Size);
        ReleaseBatch.Begin(out ReleaseBatch batch);
        using (_lock.Enter())
        {
            ulong* entry = _tree.Find(address);
            ulong old = entry == null ? 0 : Volatile.Read(ref *entry);
            if (old == 0 || IsDevice(old) || PageOf(old) != expected)
            {
                return false;
            }

            // What is about to be used is marked as used: the CPU need not do it.
            UserPageKind kind = page == expected ? KindOf(old) : UserPageKind.Anonymous;
            ulong bits = Encode(page, rights, (old & PageTableTree.Shared) != 0, kind) | PageTableTree.Accessed;
            bits |= (rights & UserRights.Write) != 0 ? PageTableTree.Dirty : 0;
            old = Interlocked.Exchange(ref *entry, bits);
            if (page != expected)
            {
                batch.Add(expected, address);
                Uncount(expected, KindOf(old));
                Count(page, kind);
            }
            else if (TakesAway(old, bits))
            {
                batch.Cover(address, address + Page.Size);
            }
        }

        batch.Flush(_space);
        return true;
    }

    /// <summary>Unmaps a range; its references are released when no CPU can reach the pages any more. Needs no lock of the address space's: a fault beside it maps pages again.</summary>
    /// <param name="start">First address, a multiple of 4096.</param>
    /// <param name="end">The address after the last one, at most <see cref="UserMemory.Limit"/>.</param>
    /// <param name="keepAnonymous">Pages of kind <see cref="UserPageKind.Anonymous"/> stay.</param>
    [MightSleep]
    [UserAccess("The addresses are only places in the tables.")]
    public void Unmap([UserAddress] ulong start, [UserAddress] ulong end, bool keepAnonymous = false)
    {
        Verify(start, end);
        ReleaseBatch.Begin(out ReleaseBatch batch);
        while (start < end)
        {
            using (_lock.Enter())
            {
                start = UnmapSome(start, end, keepAnonymous, ref batch);
            }

            if (batch.IsFull || start >= end)
            {
                batch.Flush(_space);
            }
        }
    }

    /// <summary>
    /// Changes the rights of what is mapped in a range. A private page that is mapped without <see cref="UserRights.Write"/> does not get it here, but by <see cref="Replace"/>, when it is
    /// written to: others may share it.
    /// </summary>
    /// <param name="start">First address, a multiple of 4096.</param>
    /// <param name="end">The address after the last one, at most <see cref="UserMemory.Limit"/>.</param>
    /// <param name="rights">The new rights.</param>
    [MightSleep]
    [UserAccess("The addresses are only places in the tables.")]
    public void Protect([UserAddress] ulong start, [UserAddress] ulong end, UserRights rights)
    {
        Verify(start, end);
        ReleaseBatch.Begin(out ReleaseBatch batch);
        while (start < end)
        {
            using (_lock.Enter())
            {
                ulong* leaf = _tree.FindLeaf(start, out ulong next);
                next = next < end ? next : end;
                for (; leaf != null && start < next; start += Page.Size)
                {
                    ProtectEntry(&leaf[PageTableTree.IndexOf(start)], start, rights, ref batch);
                }

                start = next;
            }
        }

        batch.Flush(_space);
    }

    private static void ProtectEntry(ulong* entry, ulong address, UserRights rights, ref ReleaseBatch batch)
    {
        ulong old = Volatile.Read(ref *entry);
        while (old != 0)
        {
            bool shared = (old & PageTableTree.Shared) != 0;
            ulong bits = Encode(PageOf(old), shared || (old & PageTableTree.Writable) != 0 ? rights : rights & ~UserRights.Write, shared, KindOf(old))
                | (old & (PageTableTree.Accessed | PageTableTree.Dirty | PageTableTree.Caching));

            // The CPUs set bits of their own meanwhile.
            ulong seen = Interlocked.CompareExchange(ref *entry, bits, old);
            if (seen == old)
            {
                if (TakesAway(old, bits))
                {
                    batch.Cover(address, address + Page.Size);
                }

                return;
            }

            old = seen;
        }
    }

    // Takes what is mapped from `start` on, until the batch is full or the table of the last level ends. Returns where to go on.
    [RequiresLock(nameof(_lock))]
    private ulong UnmapSome(ulong start, ulong end, bool keepAnonymous, ref ReleaseBatch batch)
    {
        ulong* leaf = _tree.FindLeaf(start, out ulong next);
        next = next < end ? next : end;
        if (leaf == null)
        {
            return next;
        }

        ulong address = start;
        ref nuint count = ref PageTableTree.CountOf(leaf);
        ulong* entry = &leaf[PageTableTree.IndexOf(address)];
        for (; address < next && count != 0 && !batch.IsFull; address += Page.Size, entry++)
        {
            if (*entry != 0 && !(keepAnonymous && IsAnonymous(*entry)))
            {
                ulong old = Interlocked.Exchange(ref *entry, 0);
                if (IsDevice(old))
                {
                    batch.Cover(address, address + Page.Size);
                }
                else
                {
                    batch.Add(PageOf(old), address);
                }

                count--;
                Uncount(PageOf(old), KindOf(old));
            }
        }

        if (count != 0)
        {
            return address;
        }

        if (_moves != 0)
        {
            return next;
        }

        ulong** tables = stackalloc ulong*[3];
        int taken = _tree.Prune(start, tables);
        for (int i = 0; i < taken; i++)
        {
            batch.AddTable(tables[i], start);
        }

        _tables = _tree.Tables;
        return next;
    }

    [RequiresLock(nameof(_lock))]
    private void Count(Page page, UserPageKind kind)
    {
        _mappedPages++;
        _kinds[(int)kind] += page.IsZero ? 0ul : 1;
    }

    [RequiresLock(nameof(_lock))]
    private void Uncount(Page page, UserPageKind kind)
    {
        _mappedPages--;
        _kinds[(int)kind] -= page.IsZero ? 0ul : 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Encode(Page page, UserRights rights, bool shared, UserPageKind kind)
    {
        ulong entry = page.Physical | PageTableTree.Held | PageTableTree.UserMode | (shared ? PageTableTree.Shared : 0) | ((ulong)kind << PageTableTree.KindShift);
        entry |= rights == UserRights.None ? 0 : PageTableTree.Present;
        entry |= (rights & UserRights.Write) != 0 ? PageTableTree.Writable : 0;
        return entry | ((rights & UserRights.Execute) != 0 ? 0 : PageTableTree.NoExecuteBit);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Page PageOf(ulong entry) => Page.OfPhysical(entry & PageTableTree.AddressMask);

    private static UserPageKind KindOf(ulong entry) => (UserPageKind)((entry >> PageTableTree.KindShift) & 3);

    private static bool IsAnonymous(ulong entry) => KindOf(entry) == UserPageKind.Anonymous;

    private static UserRights RightsOf(ulong entry)
    {
        if ((entry & PageTableTree.Present) == 0)
        {
            return UserRights.None;
        }

        UserRights rights = UserRights.Read;
        rights |= (entry & PageTableTree.Writable) != 0 ? UserRights.Write : 0;
        return rights | ((entry & (1ul << 63)) == 0 ? UserRights.Execute : 0);
    }

    // Whether a translation that a CPU may still hold allows more than the new entry.
    private static bool TakesAway(ulong old, ulong entry)
    {
        ulong allowed = old ^ PageTableTree.NoExecuteBit;
        ulong allows = entry ^ PageTableTree.NoExecuteBit;
        const ulong rights = PageTableTree.Present | PageTableTree.Writable | (1ul << 63);
        return (old & PageTableTree.Present) != 0 && (allowed & ~allows & rights) != 0;
    }

    private static void Verify(ulong start, ulong end)
    {
        if (((start | end) & (Page.Size - 1)) != 0 || start > end || end > UserMemory.Limit)
        {
            throw new ArgumentOutOfRangeException(nameof(start), "The range does not consist of pages of user memory.");
        }
    }

    [InlineArray(4)]
    private struct KindCounts
    {
        private ulong _first;
    }
}
