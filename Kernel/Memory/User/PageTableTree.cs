using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Memory.Frames;

namespace CosmosKernel.Memory.User;

/// <summary>
/// Four levels of page tables (Intel SDM vol. 3A, 4.5), the lower half of the top one. A table's frame counts its entries in <see cref="Frame.Owner"/>, so that an empty one is found at once.
/// The lock of the page table that holds it guards all; the CPUs read it at any time, and set the bits for accessed and dirty.
/// </summary>
[Owned]
internal unsafe struct PageTableTree
{
    /// <summary>The CPU may use the entry.</summary>
    public const ulong Present = 1ul << 0;

    /// <summary>Writes are allowed.</summary>
    public const ulong Writable = 1ul << 1;

    /// <summary>User mode may use it.</summary>
    public const ulong UserMode = 1ul << 2;

    /// <summary>The bits that choose how accesses are cached (PWT and PCD, an entry of the PAT): 0 for RAM.</summary>
    public const ulong Caching = (1ul << 3) | (1ul << 4);

    /// <summary>The page was read, written or executed.</summary>
    public const ulong Accessed = 1ul << 5;

    /// <summary>The page was written.</summary>
    public const ulong Dirty = 1ul << 6;

    /// <summary>Ignored by the CPU: the page is mapped to be shared, so writes go to it and not to a copy.</summary>
    public const ulong Shared = 1ul << 9;

    /// <summary>Ignored by the CPU: the entry holds a page. Without <see cref="Present"/> nothing may be done with it.</summary>
    public const ulong Held = 1ul << 10;

    /// <summary>Ignored by the CPU: <see cref="UserPageKind"/>, two bits from here on.</summary>
    public const int KindShift = 52;

    /// <summary>Where the page is.</summary>
    public const ulong AddressMask = 0x000F_FFFF_FFFF_F000;

    /// <summary>Bytes that one table of the last level maps.</summary>
    public const ulong LeafBytes = 1ul << 21;

    /// <summary>Entries of a table.</summary>
    public const int Entries = 512;

    private const ulong NoExecute = 1ul << 63;
    private const int TopShift = 39;
    private const int LeafShift = 12;

    [Immutable]
    private static ulong s_noExecute;

    private ulong* _root;
    private ulong _tables;

    /// <summary>Physical address of the top-level table.</summary>
    public readonly ulong Root => DirectMap.ToPhysical(_root);

    /// <summary>Tables, the top one included.</summary>
    public readonly ulong Tables => _tables;

    /// <summary>What an entry needs so that its page cannot be executed; 0 where the CPU cannot do that.</summary>
    public static ulong NoExecuteBit => s_noExecute;

    /// <summary>Once, at boot.</summary>
    [BeforePublication]
    public static void InitializeRights() => s_noExecute = CpuId.HasNoExecute ? NoExecute : 0;

    /// <summary>Makes the top-level table, whose upper half is the kernel's, the same in all.</summary>
    public bool TryInitialize()
    {
        _root = NewTable();
        if (_root == null)
        {
            return false;
        }

        var kernel = (ulong*)DirectMap.ToVirtual(PageTables.RootPhysical);
        for (int i = Entries / 2; i < Entries; i++)
        {
            _root[i] = kernel[i];
        }

        _tables = 1;
        return true;
    }

    /// <summary>A cleared table that hangs nowhere yet; null when there is no memory.</summary>
    public static ulong* NewTable()
    {
        Frame* frame = FrameAllocator.AllocateCleared(FrameUse.UserPageTable);
        return frame == null ? null : (ulong*)FrameTable.AddressOf(frame);
    }

    /// <summary>Frees one table, which no CPU can reach.</summary>
    public static void FreeTable(ulong* table) => FrameAllocator.Free(FrameTable.OfAddress(table));

    /// <summary>Number of entries in use.</summary>
    public static ref nuint CountOf(ulong* table) => ref FrameTable.OfAddress(table)->Owner;

    /// <summary>An entry's place in its table.</summary>
    /// <param name="address">The address.</param>
    /// <param name="shift">12 for the last level, 39 for the first.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int IndexOf(ulong address, int shift = LeafShift) => (int)(address >> shift) & (Entries - 1);

    /// <summary>The table of the last level for an address, with those above it if they are missing.</summary>
    /// <returns>Null when there is no memory; tables that were made stay.</returns>
    public ulong* MakeLeaf(ulong address)
    {
        ulong* table = _root;
        for (int shift = TopShift; shift > LeafShift; shift -= 9)
        {
            ulong* entry = &table[IndexOf(address, shift)];
            if (*entry == 0)
            {
                ulong* made = NewTable();
                if (made == null)
                {
                    return null;
                }

                Attach(table, entry, made);
            }

            table = TableOf(*entry);
        }

        return table;
    }

    /// <summary>Hangs a filled table of the last level in, where there is none.</summary>
    /// <returns>False when there is no memory for one above it, or there is a table already (see <see cref="FindLeaf"/>).</returns>
    public bool TryAttachLeaf(ulong address, ulong* leaf)
    {
        ulong* table = _root;
        for (int shift = TopShift; shift > LeafShift + 9; shift -= 9)
        {
            ulong* entry = &table[IndexOf(address, shift)];
            if (*entry == 0)
            {
                ulong* made = NewTable();
                if (made == null)
                {
                    return false;
                }

                Attach(table, entry, made);
            }

            table = TableOf(*entry);
        }

        ulong* place = &table[IndexOf(address, LeafShift + 9)];
        if (*place != 0)
        {
            return false;
        }

        Attach(table, place, leaf);
        return true;
    }

    /// <summary>The table of the last level for an address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="next">Where the next table may be that exists: the end of this one, or of the hole.</param>
    /// <returns>Null when there is none.</returns>
    public readonly ulong* FindLeaf(ulong address, out ulong next)
    {
        ulong* table = _root;
        for (int shift = TopShift; shift > LeafShift; shift -= 9)
        {
            int index = IndexOf(address, shift);
            if (table[index] == 0)
            {
                // To the next entry that is there, or the end of this table.
                int found = index + 1;
                while (found < Entries && table[found] == 0)
                {
                    found++;
                }

                next = ((address >> shift) + (ulong)(found - index)) << shift;
                return null;
            }

            table = TableOf(table[index]);
        }

        next = (address & ~(LeafBytes - 1)) + LeafBytes;
        return table;
    }

    /// <summary>The entry for an address; null when there is no table for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong* Find(ulong address)
    {
        ulong* table = _root;
        for (int shift = TopShift; shift > LeafShift; shift -= 9)
        {
            ulong entry = table[IndexOf(address, shift)];
            if (entry == 0)
            {
                return null;
            }

            table = TableOf(entry);
        }

        return &table[IndexOf(address)];
    }

    /// <summary>
    /// Takes the tables for an address out that have become empty, the top one excepted. They are freed when no CPU can walk them any more.
    /// </summary>
    /// <param name="address">Any address that the table of the last level maps.</param>
    /// <param name="taken">Where they are put: room for three.</param>
    /// <returns>How many there are.</returns>
    public int Prune(ulong address, ulong** taken)
    {
        ulong** path = stackalloc ulong*[4];
        path[0] = _root;
        int depth = 0;
        for (int shift = TopShift; shift > LeafShift; shift -= 9)
        {
            ulong entry = path[depth][IndexOf(address, shift)];
            if (entry == 0)
            {
                break;
            }

            depth++;
            path[depth] = TableOf(entry);
        }

        int count = 0;
        while (depth > 0 && CountOf(path[depth]) == 0)
        {
            taken[count++] = path[depth];
            depth--;
            Volatile.Write(ref path[depth][IndexOf(address, TopShift - (9 * depth))], 0);
            CountOf(path[depth])--;
        }

        _tables -= (ulong)count;
        return count;
    }

    /// <summary>Frees the top table, and those below it. Nothing is mapped any more; what is left are tables that were made when there was no memory for the ones below them.</summary>
    public void FreeRoot()
    {
        for (int i = 0; i < Entries / 2 && CountOf(_root) != 0; i++)
        {
            FreeBelow(_root, i, TopShift);
        }

        CountOf(_root) = 0;
        FreeTable(_root);
        _root = null;
    }

    // As deep as there are levels.
    private static void FreeBelow(ulong* parent, int index, int shift)
    {
        ulong entry = parent[index];
        if (entry == 0)
        {
            return;
        }

        ulong* table = TableOf(entry);
        for (int i = 0; i < Entries && shift > LeafShift + 9 && CountOf(table) != 0; i++)
        {
            FreeBelow(table, i, shift - 9);
        }

        parent[index] = 0;
        CountOf(parent)--;
        CountOf(table) = 0;
        FreeTable(table);
    }

    /// <summary>The table that an entry of an upper level names.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong* TableOf(ulong entry) => (ulong*)DirectMap.ToVirtual(entry & AddressMask);

    // The CPU finds the table cleared, or filled: its contents are stored before the entry.
    private void Attach(ulong* parent, ulong* entry, ulong* table)
    {
        Volatile.Write(ref *entry, DirectMap.ToPhysical(table) | Present | Writable | UserMode);
        CountOf(parent)++;
        _tables++;
    }
}
