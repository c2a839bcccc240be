using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Heap;

/// <summary>
/// Owns the block descriptors and finds the one for an address. Frames of the direct map name their block in the frame's owner word; virtual areas,
/// which begin at multiples of <see cref="HeapFrames.AreaGranule"/>, are found in a two-level table.
/// </summary>
/// <remarks>
/// Descriptors come from pages of <see cref="PageFrames"/> frames that are kept for reuse: 1.6 % of the largest heap there was.
/// </remarks>
internal static unsafe class BlockTable
{
    private const int PageFrames = 4;
    private const int DescriptorsPerPage = PageFrames * HeapFrames.FrameSize / HeapBlock.DescriptorSize;
    private const int AreaLeafEntries = HeapFrames.FrameSize / 8;

    private static HeapLock s_lock;

    [GuardedBy(nameof(s_lock))]
    private static HeapBlock* s_unused;

    [GuardedBy(nameof(s_lock))]
    private static Page* s_pages;

    // The root is constant. A leaf is hung in once, under the lock, and stays; its entries belong to the areas, which share none.
    [Immutable]
    private static HeapBlock*** s_areaRoot;

    [Immutable]
    private static nuint s_areaRootEntries;

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static nuint s_pageCount;

    /// <summary>Bytes that descriptors and tables occupy.</summary>
    public static nuint MetadataBytes => (Volatile.Read(ref s_pageCount) * PageFrames * HeapFrames.FrameSize) + (s_areaRootEntries * 8);

    /// <summary>Makes the table's root; false when there is no memory for it.</summary>
    [BeforePublication]
    public static bool Initialize()
    {
        s_lock = new HeapLock(LockClass.HeapBlocks, 0);
        s_unused = null;
        s_pages = null;
        s_pageCount = 0;
        s_areaRootEntries = (HeapFrames.AreaBytes / HeapFrames.AreaGranule) / AreaLeafEntries;
        nuint frames = ((s_areaRootEntries * 8) + HeapFrames.FrameSize - 1) / HeapFrames.FrameSize;
        s_areaRoot = (HeapBlock***)HeapFrames.AllocateRun(frames);
        if (s_areaRoot == null)
        {
            return false;
        }

        HeapMemory.Zero((byte*)s_areaRoot, frames * HeapFrames.FrameSize);
        return true;
    }

    /// <summary>Takes an unused descriptor, all fields zero; null when there is no memory.</summary>
    public static HeapBlock* Take()
    {
        while (true)
        {
            s_lock.Enter();
            HeapBlock* block = s_unused;
            if (block != null)
            {
                s_unused = block->Next;
            }

            s_lock.Exit();
            if (block != null)
            {
                HeapMemory.Zero((byte*)block, HeapBlock.DescriptorSize);
                return block;
            }

            if (!AddPage())
            {
                return null;
            }
        }
    }

    /// <summary>Gives a descriptor back whose memory nobody can find any more.</summary>
    public static void Return(HeapBlock* block)
    {
        s_lock.Enter();
        block->Kind = BlockKind.Unused;
        block->Next = s_unused;
        s_unused = block;
        s_lock.Exit();
    }

    /// <summary>
    /// Makes the addresses of an area findable; false when there is no memory for the table's leaf. Call without heap locks.
    /// </summary>
    public static bool EnterArea(HeapBlock* block)
    {
        nuint first = ((nuint)block->Start - HeapFrames.AreaBase) / HeapFrames.AreaGranule;
        nuint last = ((nuint)block->Start + block->Bytes - 1 - HeapFrames.AreaBase) / HeapFrames.AreaGranule;
        for (nuint granule = first; granule <= last; granule++)
        {
            HeapBlock** leaf = EnsureLeaf(granule / AreaLeafEntries);
            if (leaf == null)
            {
                LeaveArea(block);
                return false;
            }

            leaf[granule % AreaLeafEntries] = block;
        }

        return true;
    }

    /// <summary>Makes the addresses of an area unknown again.</summary>
    public static void LeaveArea(HeapBlock* block)
    {
        nuint first = ((nuint)block->Start - HeapFrames.AreaBase) / HeapFrames.AreaGranule;
        nuint last = ((nuint)block->Start + block->Bytes - 1 - HeapFrames.AreaBase) / HeapFrames.AreaGranule;
        for (nuint granule = first; granule <= last; granule++)
        {
            HeapBlock** leaf = Leaf(granule / AreaLeafEntries);
            if (leaf != null)
            {
                leaf[granule % AreaLeafEntries] = null;
            }
        }
    }

    /// <summary>The block that the object at <paramref name="reference"/> is in; null for an object of the image, which is never collected.</summary>
    public static HeapBlock* Find(nuint reference) => IsDirect(reference) ? FindDirect(reference) : FindArea(reference);

    /// <summary>True when an object is in frames of the direct map, as nearly all are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsDirect(nuint reference) => reference - HeapFrames.DirectBase < HeapFrames.DirectBytes;

    /// <summary>The block of an object for which <see cref="IsDirect"/> holds; null only for a reference to freed memory, which the verifier reports.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static HeapBlock* FindDirect(nuint reference) => (HeapBlock*)HeapFrames.GetOwner(reference);

    /// <summary>The block that <paramref name="address"/> is in, which may be any number at all; null when it is not memory of the heap.</summary>
    public static HeapBlock* FindAny(nuint address)
    {
        if (IsDirect(address))
        {
            return (HeapBlock*)HeapFrames.FindOwner(address);
        }

        HeapBlock* block = FindArea(address);
        return block != null && address - (nuint)block->Start < block->Bytes ? block : null;
    }

    /// <summary>
    /// Steps through all descriptors, used or not: the one after <paramref name="cursor"/>, or null at the end. Only while the world is stopped.
    /// </summary>
    [RequiresLock(nameof(s_lock))]
    public static HeapBlock* NextBlock(ref BlockCursor cursor)
    {
        if (cursor.Page == null)
        {
            cursor.Page = s_pages;
            cursor.Index = 0;
        }
        else if (++cursor.Index == DescriptorsPerPage - 1)
        {
            cursor.Page = ((Page*)cursor.Page)->Next;
            cursor.Index = 0;
        }

        return cursor.Page == null ? null : (HeapBlock*)cursor.Page + 1 + cursor.Index;
    }

    /// <summary>Takes the lock for a collection; interrupts are off.</summary>
    [Acquires(nameof(s_lock))]
    [AtomicContext]
    public static void Acquire() => s_lock.Acquire();

    /// <summary>The counterpart of <see cref="Acquire"/>.</summary>
    [Releases(nameof(s_lock))]
    [AtomicContext]
    public static void Release() => s_lock.Release();

    private static HeapBlock* FindArea(nuint address)
    {
        nuint offset = address - HeapFrames.AreaBase;
        if (offset >= HeapFrames.AreaBytes)
        {
            return null;
        }

        nuint granule = offset / HeapFrames.AreaGranule;
        HeapBlock** leaf = Leaf(granule / AreaLeafEntries);
        return leaf == null ? null : leaf[granule % AreaLeafEntries];
    }

    private static HeapBlock** Leaf(nuint index) => (HeapBlock**)Volatile.Read(ref *(nuint*)&s_areaRoot[index]);

    private static HeapBlock** EnsureLeaf(nuint index)
    {
        HeapBlock** leaf = Leaf(index);
        if (leaf != null)
        {
            return leaf;
        }

        HeapBlock** fresh = (HeapBlock**)HeapFrames.AllocateRun(1);
        if (fresh == null)
        {
            return null;
        }

        HeapMemory.Zero((byte*)fresh, HeapFrames.FrameSize);
        s_lock.Enter();
        leaf = s_areaRoot[index];
        if (leaf == null)
        {
            // Pairs with the read in Leaf: who sees the leaf sees it cleared.
            Volatile.Write(ref *(nuint*)&s_areaRoot[index], (nuint)fresh);
            leaf = fresh;
            fresh = null;
        }

        s_lock.Exit();
        if (fresh != null)
        {
            HeapFrames.FreeRun((byte*)fresh, 1);
        }

        return leaf;
    }

    private static bool AddPage()
    {
        byte* memory = HeapFrames.AllocateRun(PageFrames);
        if (memory == null)
        {
            return false;
        }

        HeapMemory.Zero(memory, PageFrames * HeapFrames.FrameSize);
        s_lock.Enter();
        ((Page*)memory)->Next = s_pages;
        s_pages = (Page*)memory;
        s_pageCount++;
        HeapBlock* block = (HeapBlock*)memory;
        for (int i = 1; i < DescriptorsPerPage; i++)
        {
            block++;
            block->Next = s_unused;
            s_unused = block;
        }

        s_lock.Exit();
        return true;
    }

    /// <summary>The first descriptor's place in a page holds the link to the next page.</summary>
    private struct Page
    {
        public Page* Next;
    }
}

/// <summary>A place in the walk of <see cref="BlockTable.NextBlock"/>; the default value is the start.</summary>
internal unsafe struct BlockCursor
{
    internal void* Page;
    internal int Index;
}
