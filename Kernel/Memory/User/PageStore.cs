using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Frames;

namespace CosmosKernel.Memory.User;

/// <summary>
/// The pages of one object by their number, with a counted reference to each: a tree of frames with 512 entries each, as high as the largest number needs. So a sparse object costs what
/// it holds, and nothing managed is allocated. No lock of its own: <b>the holder's lock guards it</b>, a spin lock will do. What it holds is given back by <see cref="Clear"/>; the collector knows nothing of it.
/// </summary>
[Owned]
[NoAllocation]
public sealed unsafe class PageStore
{
    /// <summary>Page numbers are below this: objects of up to 2^57 bytes.</summary>
    public const ulong Limit = 1ul << (EntryBits * MaximumHeight);

    private const int EntryBits = 9;
    private const int Entries = 1 << EntryBits;
    private const int MaximumHeight = 5;

    // The topmost node, as frame: its memory is 512 entries, physical addresses of frames or 0; Owner counts those that are not 0. Entries of the lowest nodes are pages.
    private Frame* _root;
    private int _height;

    /// <summary>Pages that it holds.</summary>
    public ulong Count { get; private set; }

    /// <summary>Frames that the tree itself takes.</summary>
    public ulong Nodes { get; private set; }

    /// <summary>The page with a number.</summary>
    /// <param name="index">Any number.</param>
    /// <param name="page">The page, without a reference for the caller; it lives as long as the caller holds the lock.</param>
    /// <returns>False when there is none.</returns>
    public bool TryGet(ulong index, out Page page)
    {
        ulong* entry = Find(index);
        page = entry != null && *entry != 0 ? Page.OfPhysical(*entry) : default;
        return entry != null && *entry != 0;
    }

    /// <summary>Enters a page where there is none and takes over the caller's reference.</summary>
    /// <param name="index">A number below <see cref="Limit"/>.</param>
    /// <param name="page">The page.</param>
    /// <returns>False when there is no memory for the tree, or the number is taken: the reference stays the caller's.</returns>
    public bool TryAdd(ulong index, Page page)
    {
        if (index >= Limit || !TryReach(index))
        {
            return false;
        }

        Frame* node = _root;
        for (int level = _height - 1; level > 0; level--)
        {
            ulong* entry = EntriesOf(node) + EntryOf(index, level);
            if (*entry == 0)
            {
                Frame* below = TryMakeNode();
                if (below == null)
                {
                    // Nodes that were made on the way are empty: the next removal or Clear finds them, and the next page here uses them.
                    return false;
                }

                *entry = FrameTable.PhysicalOf(below);
                node->Owner++;
            }

            node = FrameTable.OfPhysical(*entry);
        }

        ulong* place = EntriesOf(node) + EntryOf(index, 0);
        if (*place != 0)
        {
            return false;
        }

        *place = page.Physical;
        node->Owner++;
        Count++;
        return true;
    }

    /// <summary>Takes a page out. The reference passes to the caller.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryRemove(ulong index, out Page page)
    {
        bool found = TryGet(index, out page);
        if (found)
        {
            page.AddReference();
            _ = RemoveRange(index, index + 1);
        }

        return found;
    }

    /// <summary>Releases all pages of a range.</summary>
    /// <param name="first">First number.</param>
    /// <param name="end">Number after the last one; <see cref="ulong.MaxValue"/> for all that follow.</param>
    /// <returns>How many there were.</returns>
    public ulong RemoveRange(ulong first, ulong end)
    {
        ulong before = Count;
        if (_root != null && first < end)
        {
            RemoveBelow(_root, _height - 1, 0, first, end);
            if (_root->Owner == 0)
            {
                FreeNode(_root);
                _root = null;
                _height = 0;
            }
        }

        return before - Count;
    }

    /// <summary>Releases all pages.</summary>
    public void Clear() => _ = RemoveRange(0, ulong.MaxValue);

    /// <summary>The first page at a number or after it.</summary>
    /// <param name="from">Where to begin.</param>
    /// <param name="index">Its number.</param>
    /// <param name="page">The page, without a reference for the caller.</param>
    /// <returns>False when there is none.</returns>
    public bool TryFindNext(ulong from, out ulong index, out Page page)
    {
        index = 0;
        page = default;
        if (_root == null)
        {
            return false;
        }

        ulong physical = FindBelow(_root, _height - 1, 0, from, ref index);
        page = physical == 0 ? default : Page.OfPhysical(physical);
        return physical != 0;
    }

    private static ulong* EntriesOf(Frame* node) => (ulong*)FrameTable.AddressOf(node);

    private static int EntryOf(ulong index, int level) => (int)(index >> (level * EntryBits)) & (Entries - 1);

    private static ulong FindBelow(Frame* node, int level, ulong firstOfNode, ulong from, ref ulong index)
    {
        ulong span = 1ul << (level * EntryBits);
        int start = from > firstOfNode ? (int)Math.Min((from - firstOfNode) / span, Entries) : 0;
        ulong* entries = EntriesOf(node);
        for (int i = start; i < Entries; i++)
        {
            if (entries[i] == 0)
            {
                continue;
            }

            ulong first = firstOfNode + ((ulong)i * span);
            if (level == 0)
            {
                index = first;
                return entries[i];
            }

            ulong found = FindBelow(FrameTable.OfPhysical(entries[i]), level - 1, first, from, ref index);
            if (found != 0)
            {
                return found;
            }
        }

        return 0;
    }

    private ulong* Find(ulong index)
    {
        if (_root == null || index >> (_height * EntryBits) != 0)
        {
            return null;
        }

        Frame* node = _root;
        for (int level = _height - 1; level > 0; level--)
        {
            ulong below = EntriesOf(node)[EntryOf(index, level)];
            if (below == 0)
            {
                return null;
            }

            node = FrameTable.OfPhysical(below);
        }

        return EntriesOf(node) + EntryOf(index, 0);
    }

    // Makes the tree high enough.
    private bool TryReach(ulong index)
    {
        while (_root == null || index >> (_height * EntryBits) != 0)
        {
            Frame* node = TryMakeNode();
            if (node == null)
            {
                return false;
            }

            if (_root != null)
            {
                EntriesOf(node)[0] = FrameTable.PhysicalOf(_root);
                node->Owner = 1;
            }

            _root = node;
            _height++;
        }

        return true;
    }

    private void RemoveBelow(Frame* node, int level, ulong firstOfNode, ulong first, ulong end)
    {
        ulong span = 1ul << (level * EntryBits);
        int start = first > firstOfNode ? (int)Math.Min((first - firstOfNode) / span, Entries) : 0;
        ulong* entries = EntriesOf(node);
        for (int i = start; i < Entries && node->Owner != 0; i++)
        {
            ulong firstOfEntry = firstOfNode + ((ulong)i * span);
            if (firstOfEntry >= end)
            {
                break;
            }

            if (entries[i] == 0)
            {
                continue;
            }

            if (level == 0)
            {
                Page page = Page.OfPhysical(entries[i]);
                entries[i] = 0;
                node->Owner--;
                Count--;
                page.Release();
                continue;
            }

            Frame* below = FrameTable.OfPhysical(entries[i]);
            RemoveBelow(below, level - 1, firstOfEntry, first, end);
            if (below->Owner == 0)
            {
                entries[i] = 0;
                node->Owner--;
                FreeNode(below);
            }
        }
    }

    private Frame* TryMakeNode()
    {
        Frame* node = FrameAllocator.AllocateCleared(FrameUse.Kernel);
        if (node != null)
        {
            Nodes++;
        }

        return node;
    }

    private void FreeNode(Frame* node)
    {
        Nodes--;
        FrameAllocator.Free(node);
    }
}
