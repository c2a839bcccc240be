using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Memory;

// brk(2).
public sealed partial class AddressSpace
{
    [GuardedBy(nameof(_lock))]
    private ulong _heapStart;

    [GuardedBy(nameof(_lock))]
    private ulong _heapEnd;

    // Size of the program's data, which RLIMIT_DATA counts together with the heap.
    [GuardedBy(nameof(_lock))]
    private ulong _programData;

    /// <summary>Says where the heap begins, which is empty then. By the loader.</summary>
    /// <param name="start">First address.</param>
    /// <param name="programData">Bytes of the program's data.</param>
    [MightSleep]
    public void SetHeap(ulong start, ulong programData)
    {
        using (_lock.EnterWrite())
        {
            _heapStart = start;
            _heapEnd = start;
            _programData = programData;
        }
    }

    /// <summary>Moves the end of the heap (brk(2)). Task context.</summary>
    /// <param name="end">The new end; one that cannot be leaves it where it is.</param>
    /// <returns>The end that holds now.</returns>
    [MightSleep]
    public ulong Break(ulong end)
    {
        MemoryLimits limits = MemoryLimits.Current;
        DroppedAreas dropped = default;
        ulong result;
        ulong populateFrom = 0;
        using (_lock.EnterWrite())
        {
            if (end >= _heapStart && end <= Limit && TryMoveHeapEnd(end, limits, ref populateFrom, ref dropped))
            {
                _heapEnd = end;
            }

            result = _heapEnd;
        }

        dropped.Release();
        if (populateFrom != 0)
        {
            _ = Populate(populateFrom, PageUp(result), PopulateKind.Best);
        }

        return result;
    }

    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private bool TryMoveHeapEnd(ulong end, in MemoryLimits limits, ref ulong populateFrom, ref DroppedAreas dropped)
    {
        if (end - _heapStart > limits.Data || _programData > limits.Data - (end - _heapStart))
        {
            return false;
        }

        ulong oldTop = PageUp(_heapEnd);
        ulong newTop = PageUp(end);
        if (newTop <= oldTop)
        {
            return newTop == oldTop || RemoveRange(newTop, oldTop, ref dropped) == Errno.Ok;
        }

        // One page must stay free before whatever follows.
        ulong pages = (newTop - oldTop) >> PageShift;
        if ((_areas.FindFrom(oldTop) is { } next && newTop + PageBytes > next.GapEnd) || newTop > Limit || !MayGrow(limits, pages, isData: true))
        {
            return false;
        }

        bool isLocked = (_futureFlags & AreaFlags.Locked) != 0;
        if ((isLocked && !MayLock(limits, pages)) || _areas.Count > MaximumAreas)
        {
            return false;
        }

        MemoryArea area = new(this)
        {
            Protection = MemoryProtection.Read | MemoryProtection.Write,
            MayProtection = MemoryProtection.All,
            Flags = AreaFlags.Heap | AreaFlags.Committed | _futureFlags,
            Label = "[heap]",
        };
        if (limits.ReadImpliesExecute)
        {
            area.Protection |= MemoryProtection.Execute;
        }

        if (!CommittedMemory.TryCharge(pages, _totalPages, limits.IsAdministrator))
        {
            return false;
        }

        area.Place(oldTop, newTop, oldTop >> PageShift);
        Enter(area);
        area = Join(area, ref dropped);
        populateFrom = MustPopulate(area) ? oldTop : 0;
        return true;
    }
}
