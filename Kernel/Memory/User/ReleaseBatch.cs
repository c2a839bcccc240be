using System.Runtime.CompilerServices;
using CosmosKernel.Machine.UserMode;

namespace CosmosKernel.Memory.User;

/// <summary>
/// Pages and tables that were taken out of a page table and may still be reached through a CPU's TLB: collected with the table's lock held, released after the shoot-down without it. On its owner's stack.
/// </summary>
internal unsafe ref struct ReleaseBatch
{
    private const int Room = 128;

    // Tables are marked by bit 0.
    private const ulong Table = 1;

    // A table of the last level whose last page is added may take two more tables with it.
    private const int Reserve = 4;

    private Words _words;
    private int _count;
    private ulong _start;
    private ulong _end;

    /// <summary>Makes an empty one, without the cost of clearing its room.</summary>
    public static void Begin(out ReleaseBatch batch)
    {
        Unsafe.SkipInit(out batch);
        batch._count = 0;
        batch._start = 0;
        batch._end = 0;
    }

    /// <summary>No more pages fit.</summary>
    public readonly bool IsFull => _count >= Room - Reserve;

    /// <summary>Adds a page that was mapped at an address.</summary>
    public void Add(Page page, ulong address)
    {
        _words[_count++] = page.Physical;
        Cover(address, address + Page.Size);
    }

    /// <summary>Adds a table that was used for an address.</summary>
    public void AddTable(ulong* table, ulong address)
    {
        _words[_count++] = (ulong)table | Table;
        Cover(address, address + Page.Size);
    }

    /// <summary>Adds a range whose rights changed.</summary>
    public void Cover(ulong start, ulong end)
    {
        if (_end == 0)
        {
            _start = start;
            _end = end;
            return;
        }

        _start = start < _start ? start : _start;
        _end = end > _end ? end : _end;
    }

    /// <summary>Makes all CPUs forget the range, then releases everything. No lock is held, interrupts are on.</summary>
    public void Flush(UserSpace* space)
    {
        if (_end != 0)
        {
            UserSpace.Flush(space, _start, _end);
        }

        Release();
    }

    /// <summary>Releases everything: no CPU has the table.</summary>
    public void Release()
    {
        for (int i = 0; i < _count; i++)
        {
            ulong word = _words[i];
            if ((word & Table) != 0)
            {
                PageTableTree.FreeTable((ulong*)(word & ~Table));
            }
            else
            {
                Page.OfPhysical(word).Release();
            }
        }

        _count = 0;
        _start = 0;
        _end = 0;
    }

    [InlineArray(Room)]
    private struct Words
    {
        private ulong _first;
    }
}
