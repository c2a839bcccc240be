using System.Runtime;
using System.Runtime.InteropServices;
using System.Threading;
using CosmosKernel.Memory.Slabs;

namespace CosmosKernel.Runtime.Dispatch;

/// <summary>
/// One place from which an interface method is called. ILC makes the cells, in runs: the stub is a first-call stub and
/// <see cref="Cache"/> tells the interface; the last cell of a run has a null stub and tells the slot of the whole run.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DispatchCell
{
    public nint Stub;
    public nuint Cache;
}

/// <summary>What a cell calls, as CoreLib's resolver reads it (its DispatchCellInfo).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DispatchCellInfo
{
    public int CellType;
    public nint InterfaceType;
    public ushort InterfaceSlot;
    public byte HasCache;
    public uint MetadataToken;
    public uint VTableOffset;
}

/// <summary>
/// The method tables that a cell has met, with the code for each: an open hash table of 1 &lt;&lt; n rows and a tail, in native memory.
/// X# searches it (<c>Dispatch.xs</c> has the offsets).
/// </summary>
/// <remarks>
/// A row is filled once: code first, then the method table, so a reader on any CPU sees both or neither. A table that is half full is
/// replaced by one of twice the size and stays where it is, since a reader may be in it: all that a cell ever leaves
/// behind is smaller than its last table.
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DispatchTable
{
    /// <summary>Rows that a probe may run on behind the hashed ones; the last stays empty and ends every probe.</summary>
    public const uint Tail = 4;

    public DispatchCell* Cell;
    public uint IndexMask;
    public uint Used;
    public nint InterfaceType;
    public uint InterfaceSlot;
    public uint Reserved;

    public static nuint SizeOf(uint rows) => (nuint)sizeof(DispatchTable) + ((nuint)(rows + Tail) * (nuint)sizeof(DispatchRow));

    // The low bits of a method table's address are the same for all.
    public readonly uint IndexOf(nint methodTable) => (uint)(methodTable >> 4) & IndexMask;
}

/// <summary>One row of a <see cref="DispatchTable"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DispatchRow
{
    public nint MethodTable;
    public nint Target;
}

/// <summary>
/// Interface dispatch: the first call at a cell, and each call on a class new to it, goes through CoreLib's resolver;
/// the result is put into the cell's <see cref="DispatchTable"/>.
/// </summary>
/// <remarks>
/// Looking up takes no lock. Filling takes a spin lock for a few instructions and never allocates managed memory; when there is no
/// native memory the call still works, it is only resolved again the next time.
/// </remarks>
internal static unsafe class InterfaceDispatch
{
    private const nuint KindMask = 3;
    private const nuint IsTable = 0;
    private const nuint IsInterface = 1;
    private const nuint IsIndirectRelative = 2;
    private const uint FirstRows = 2;
    private const uint LargestRows = 1 << 16;

    // Bytes before a table, with the link to the next one.
    private const int LinkBytes = 16;

    private static Machine.Locking.SpinLock s_lock = new(Machine.Locking.LockClass.InterfaceDispatch);

    // All tables, newest first. Each change is one store, so that the collector may walk the list with the world stopped.
    [Machine.Locking.GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static nuint s_tables;

    /// <summary>Forgets the methods and method tables of a module that goes. Task context. Calls that still need them are resolved anew.</summary>
    public static void Forget(ulong start, ulong end)
    {
        using (s_lock.Enter())
        {
            for (DispatchTable* table = (DispatchTable*)s_tables; table != null; table = *LinkOf(table))
            {
                DispatchRow* rows = (DispatchRow*)(table + 1);
                for (uint i = 0; i < table->IndexMask + DispatchTable.Tail; i++)
                {
                    if (IsIn((ulong)rows[i].MethodTable, start, end) || IsIn((ulong)rows[i].Target, start, end))
                    {
                        // Only callers with an object of this class look for the row, and they find none: they resolve. Others end their probe here and resolve once more.
                        Volatile.Write(ref rows[i].MethodTable, 0);
                    }
                }
            }
        }
    }

    /// <summary>Releases the tables of the cells of a module that nobody refers to any more. Task context.</summary>
    public static void Release(ulong start, ulong end)
    {
        while (TryUnlink(start, end, out DispatchTable* table))
        {
            Free(table);
        }
    }

    /// <summary>
    /// Whether a word of a table is no reference to a module: in the head, which names its cell, or in a row that was forgotten, whose method only a caller with an object of the module's could still be about to call.
    /// World stopped.
    /// </summary>
    /// <param name="address">Address of the word.</param>
    public static bool IsNoReference(nuint address)
    {
        for (DispatchTable* table = (DispatchTable*)Volatile.Read(ref s_tables); table != null; table = *LinkOf(table))
        {
            if (address >= (nuint)table && address < (nuint)(table + 1))
            {
                return true;
            }

            var rows = (nuint)(table + 1);
            if (address >= rows && address < rows + ((nuint)(table->IndexMask + DispatchTable.Tail) * (nuint)sizeof(DispatchRow)))
            {
                return ((DispatchRow*)rows)[(address - rows) / (nuint)sizeof(DispatchRow)].MethodTable == 0;
            }
        }

        return false;
    }

    private static bool TryUnlink(ulong start, ulong end, out DispatchTable* table)
    {
        using (s_lock.Enter())
        {
            DispatchTable* before = null;
            for (table = (DispatchTable*)s_tables; table != null; before = table, table = *LinkOf(table))
            {
                if (!IsIn((ulong)table->Cell, start, end))
                {
                    continue;
                }

                if (before == null)
                {
                    Volatile.Write(ref s_tables, (nuint)(*LinkOf(table)));
                }
                else
                {
                    Volatile.Write(ref *(nuint*)LinkOf(before), (nuint)(*LinkOf(table)));
                }

                return true;
            }
        }

        return false;
    }

    private static bool IsIn(ulong address, ulong start, ulong end) => address >= start && address < end;

    private static DispatchTable** LinkOf(DispatchTable* table) => (DispatchTable**)((byte*)table - LinkBytes);

    // Cleared: what a table leaves in free memory must not look like a reference to a module.
    private static void Free(DispatchTable* table)
    {
        byte* block = (byte*)table - LinkBytes;
        Heap.HeapMemory.Zero(block, LinkBytes + DispatchTable.SizeOf(table->IndexMask + 1));
        KernelHeap.Free(block);
    }

    [RuntimeExport("RhpGetDispatchCellInfo")]
    private static void GetCellInfo(DispatchCell* cell, DispatchCellInfo* info)
    {
        *info = default;

        // Another CPU may install a table at any moment: read once.
        nuint cache = Volatile.Read(ref cell->Cache);
        if ((cache & KindMask) == IsTable)
        {
            var table = (DispatchTable*)cache;
            info->InterfaceType = table->InterfaceType;
            info->InterfaceSlot = (ushort)table->InterfaceSlot;
            info->HasCache = 1;
            return;
        }

        DispatchCell* last = cell;
        while (last->Stub != 0)
        {
            last++;
        }

        nuint slotAndKind = last->Cache;
        info->CellType = (int)(slotAndKind >> 16);
        info->InterfaceSlot = (ushort)slotAndKind;
        nuint relative = ((nuint)(&cell->Cache) + (nuint)(nint)(int)cache) & ~KindMask;
        info->InterfaceType = (cache & KindMask) switch
        {
            IsInterface => (nint)(cache & ~KindMask),
            IsIndirectRelative => *(nint*)relative,
            _ => (nint)relative,
        };
    }

    [RuntimeExport("RhpSearchDispatchCellCache")]
    private static nint Search(DispatchCell* cell, nint methodTable)
    {
        nuint cache = Volatile.Read(ref cell->Cache);
        return (cache & KindMask) == IsTable ? Find((DispatchTable*)cache, methodTable) : 0;
    }

    [RuntimeExport("RhpUpdateDispatchCellCache")]
    private static nint Update(DispatchCell* cell, nint target, nint methodTable, DispatchCellInfo* info)
    {
        DispatchTable* spare = null;
        if (NeedsTable(cell, out uint rows))
        {
            byte* block = (byte*)KernelHeap.AllocateCleared(LinkBytes + DispatchTable.SizeOf(rows));
            if (block == null)
            {
                return target;
            }

            spare = (DispatchTable*)(block + LinkBytes);

            spare->Cell = cell;
            spare->IndexMask = rows - 1;
            spare->InterfaceType = info->InterfaceType;
            spare->InterfaceSlot = info->InterfaceSlot;
        }

        using (s_lock.Enter())
        {
            nuint cache = cell->Cache;
            DispatchTable* table = (cache & KindMask) == IsTable ? (DispatchTable*)cache : null;
            if (table != null && Find(table, methodTable) != 0)
            {
                // Another thread was first.
            }
            else if (table != null && table->Used * 2 <= table->IndexMask && Insert(table, methodTable, target))
            {
                // Room in the table that is there.
            }
            else if (spare != null && (table == null || spare->IndexMask > table->IndexMask))
            {
                if (table != null)
                {
                    CopyRows(table, spare);
                }

                _ = Insert(spare, methodTable, target);

                *LinkOf(spare) = (DispatchTable*)s_tables;
                Volatile.Write(ref s_tables, (nuint)spare);

                // The table before the stub that reads it; x86 keeps the order of stores. A CPU that still runs the old stub with
                // the new table finds the same kind of rows there.
                Volatile.Write(ref cell->Cache, (nuint)spare);
                Volatile.Write(ref cell->Stub, DispatchStubs.Cached);
                spare = null;
            }
        }

        if (spare != null)
        {
            Free(spare);
        }

        return target;
    }

    // Outside the lock, so only a hint.
    private static bool NeedsTable(DispatchCell* cell, out uint rows)
    {
        nuint cache = Volatile.Read(ref cell->Cache);
        rows = FirstRows;
        if ((cache & KindMask) != IsTable)
        {
            return true;
        }

        var table = (DispatchTable*)cache;
        rows = (table->IndexMask + 1) * 2;
        return rows <= LargestRows;
    }

    private static void CopyRows(DispatchTable* from, DispatchTable* to)
    {
        DispatchRow* rows = (DispatchRow*)(from + 1);
        for (uint i = 0; i < from->IndexMask + DispatchTable.Tail; i++)
        {
            if (rows[i].MethodTable != 0)
            {
                _ = Insert(to, rows[i].MethodTable, rows[i].Target);
            }
        }
    }

    private static nint Find(DispatchTable* table, nint methodTable)
    {
        DispatchRow* rows = (DispatchRow*)(table + 1);
        for (uint i = table->IndexOf(methodTable); ; i++)
        {
            nint found = Volatile.Read(ref rows[i].MethodTable);
            if (found == methodTable)
            {
                return rows[i].Target;
            }

            if (found == 0)
            {
                return 0;
            }
        }
    }

    private static bool Insert(DispatchTable* table, nint methodTable, nint target)
    {
        DispatchRow* rows = (DispatchRow*)(table + 1);
        uint end = table->IndexMask + DispatchTable.Tail;
        for (uint i = table->IndexOf(methodTable); i < end; i++)
        {
            if (rows[i].MethodTable == 0)
            {
                rows[i].Target = target;

                // Publishes the row: pairs with the reads in Find and in Dispatch.xs.
                Volatile.Write(ref rows[i].MethodTable, methodTable);
                table->Used++;
                return true;
            }
        }

        return false;
    }

    // Cells that reflection makes for calls that the compiler did not see. CoreLib keeps them, one for each slot of each type.
    [RuntimeExport("RhNewInterfaceDispatchCell")]
    private static DispatchCell* NewCell(nint interfaceType, int slot)
    {
        var cells = (DispatchCell*)KernelHeap.AllocateCleared((nuint)(2 * sizeof(DispatchCell)));
        if (cells != null)
        {
            cells[0].Stub = DispatchStubs.Initial;
            cells[0].Cache = (nuint)interfaceType | IsInterface;
            cells[1].Cache = (nuint)(uint)slot;
        }

        return cells;
    }
}
