using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Memory.User;

// Moving and copying whole ranges: table by table, without a look-up for each page.
public sealed unsafe partial class UserPageTable
{
    /// <summary>Moves what is mapped in a range elsewhere, where nothing is mapped (mremap(2)). The ranges do not overlap.</summary>
    /// <param name="from">First address, a multiple of 4096.</param>
    /// <param name="to">Where it goes, a multiple of 4096.</param>
    /// <param name="bytes">A multiple of 4096.</param>
    /// <returns>False when there was no memory for tables: then nothing has moved.</returns>
    [MightSleep]
    [UserAccess("The addresses are only places in the tables.")]
    public bool Move([UserAddress] ulong from, [UserAddress] ulong to, ulong bytes)
    {
        Verify(from, from + bytes);
        Verify(to, to + bytes);

        // All tables first, which stay although they are empty: the rest cannot fail.
        using (_lock.Enter())
        {
            _moves++;
        }

        bool done = MovePages(from, to, bytes);
        using (_lock.Enter())
        {
            _moves--;
        }

        // Frees the tables that are empty: the old ones, or the new ones that are not needed.
        ulong emptied = done ? from : to;
        Unmap(emptied, emptied + bytes);
        return done;
    }

    [MightSleep]
    private bool MovePages(ulong from, ulong to, ulong bytes)
    {
        for (ulong offset = 0; offset < bytes; offset += PageTableTree.LeafBytes)
        {
            if (!TryPrepare(from + offset, to + offset, bytes - offset))
            {
                return false;
            }
        }

        ReleaseBatch.Begin(out ReleaseBatch batch);
        batch.Cover(from, from + bytes);
        for (ulong at = from; at < from + bytes;)
        {
            using (_lock.Enter())
            {
                at = MoveSome(at, from + bytes, to - from);
            }
        }

        batch.Flush(_space);
        return true;
    }

    /// <summary>
    /// fork(2): maps the pages of a range in another table, at the same addresses, with a reference each. Of a private page that is pinned the other table gets a copy, as it is now: what a device writes into it
    /// arrives where it was asked for.
    /// </summary>
    /// <param name="to">A table that no thread runs with yet, with nothing mapped in the range.</param>
    /// <param name="start">First address, a multiple of 4096.</param>
    /// <param name="end">The address after the last one.</param>
    /// <param name="copyOnWrite">Pages that are not shared lose the right to be written in both.</param>
    /// <returns>False when there is no memory: a part is mapped, and the caller destroys the new table.</returns>
    [MightSleep]
    [UserAccess("The addresses are only places in the tables.")]
    public bool TryCopyRange(UserPageTable to, [UserAddress] ulong start, [UserAddress] ulong end, bool copyOnWrite)
    {
        Verify(start, end);
        ReleaseBatch.Begin(out ReleaseBatch changed);
        ulong* spare = null;
        bool done = true;
        while (start < end && done)
        {
            ulong first = start;
            ulong copied;
            using (_lock.Enter())
            {
                ulong* leaf = _tree.FindLeaf(start, out ulong next);
                start = next < end ? next : end;
                if (leaf == null)
                {
                    continue;
                }

                spare = spare == null ? PageTableTree.NewTable() : spare;
                if (spare == null)
                {
                    done = false;
                    break;
                }

                done = TryCopyLeaf(leaf, spare, first, start, copyOnWrite, out copied, ref changed);
            }

            if (copied != 0)
            {
                done &= to.TryTakeLeaf(ref spare, first, start, copied);
            }
        }

        if (spare != null)
        {
            PageTableTree.FreeTable(spare);
        }

        changed.Flush(_space);
        return done;
    }

    // Tables for what is mapped in one table's length from `from` on; two at the new place, when the distance is no multiple of it.
    private bool TryPrepare(ulong from, ulong to, ulong bytes)
    {
        ulong length = bytes < PageTableTree.LeafBytes ? bytes : PageTableTree.LeafBytes;
        using (_lock.Enter())
        {
            ulong* first = _tree.FindLeaf(from, out _);
            ulong* last = _tree.FindLeaf(from + length - Page.Size, out _);
            bool made = (first == null && last == null) || (_tree.MakeLeaf(to) != null && _tree.MakeLeaf(to + length - Page.Size) != null);
            _tables = _tree.Tables;
            return made;
        }
    }

    [RequiresLock(nameof(_lock))]
    private ulong MoveSome(ulong start, ulong end, ulong distance)
    {
        ulong* leaf = _tree.FindLeaf(start, out ulong next);
        next = next < end ? next : end;
        for (ulong address = start; leaf != null && address < next; address += Page.Size)
        {
            ulong* entry = &leaf[PageTableTree.IndexOf(address)];
            if (*entry == 0)
            {
                continue;
            }

            ulong* target = _tree.MakeLeaf(address + distance);
            ulong value = Interlocked.Exchange(ref *entry, 0);
            PageTableTree.CountOf(leaf)--;
            Volatile.Write(ref target[PageTableTree.IndexOf(address + distance)], value);
            PageTableTree.CountOf(target)++;
        }

        return next;
    }

    // Fills `copy` with what is mapped between two addresses of one table, and counts references. False: there was no memory for the copy of a page; what was copied before is there.
    private static bool TryCopyLeaf(ulong* leaf, ulong* copy, ulong start, ulong end, bool copyOnWrite, out ulong copied, ref ReleaseBatch changed)
    {
        const ulong privateWritable = PageTableTree.Writable | PageTableTree.Shared;
        int first = PageTableTree.IndexOf(start);
        int last = PageTableTree.IndexOf(end - 1);
        int firstChanged = PageTableTree.Entries;
        int lastChanged = 0;
        bool done = true;
        copied = 0;
        ulong there = PageTableTree.CountOf(leaf);
        for (int i = first; i <= last && copied < there; i++)
        {
            ulong value = leaf[i];
            if (value == 0)
            {
                continue;
            }

            if (copyOnWrite && (value & PageTableTree.Shared) == 0 && IsAnonymous(value) && PageOf(value).IsPinned)
            {
                done = TryCopyPinned(ref value);
                if (!done)
                {
                    break;
                }
            }
            else
            {
                if (copyOnWrite && (value & privateWritable) == PageTableTree.Writable)
                {
                    // Atomic, because a CPU may set the bits for accessed and dirty meanwhile; the copy has neither.
                    Interlocked.And(ref leaf[i], ~PageTableTree.Writable);
                    value &= ~PageTableTree.Writable;
                    firstChanged = i < firstChanged ? i : firstChanged;
                    lastChanged = i;
                }

                if (!IsDevice(value))
                {
                    PageOf(value).AddReference();
                }
            }

            copy[i] = value & ~(PageTableTree.Accessed | PageTableTree.Dirty);
            copied++;
        }

        if (firstChanged < PageTableTree.Entries)
        {
            ulong table = start & ~(PageTableTree.LeafBytes - 1);
            changed.Cover(table + ((ulong)firstChanged * Page.Size), table + ((ulong)(lastChanged + 1) * Page.Size));
        }

        return done;
    }

    // The entry for the copy of a page that a device may be writing; both sides may write theirs, as far as the mapping allows it.
    private static bool TryCopyPinned(ref ulong entry)
    {
        if (!Page.TryAllocate(out Page copy, cleared: false))
        {
            return false;
        }

        copy.CopyFrom(PageOf(entry));
        entry = (entry & ~PageTableTree.AddressMask) | copy.Physical;
        return true;
    }

    // Takes a filled table over, whole where there is none yet: then the caller's variable becomes null. Else its entries are moved and it is left cleared.
    private bool TryTakeLeaf(ref ulong* filled, ulong start, ulong end, ulong entries)
    {
        using (_lock.Enter())
        {
            ulong* leaf = _tree.FindLeaf(start, out _);
            bool whole = leaf == null && _tree.TryAttachLeaf(start, filled);
            _tables = _tree.Tables;
            if (whole)
            {
                PageTableTree.CountOf(filled) = (nuint)entries;
            }

            int last = PageTableTree.IndexOf(end - 1);
            for (int i = PageTableTree.IndexOf(start); i <= last && entries != 0; i++)
            {
                ulong value = filled[i];
                if (value == 0)
                {
                    continue;
                }

                entries--;
                if (whole)
                {
                    Count(PageOf(value), KindOf(value));
                    continue;
                }

                filled[i] = 0;
                if (leaf == null)
                {
                    // There was no memory for the tables above it.
                    if (!IsDevice(value))
                    {
                        PageOf(value).Release();
                    }

                    continue;
                }

                leaf[i] = value;
                PageTableTree.CountOf(leaf)++;
                Count(PageOf(value), KindOf(value));
            }

            filled = whole ? null : filled;
            return whole || leaf != null;
        }
    }
}
