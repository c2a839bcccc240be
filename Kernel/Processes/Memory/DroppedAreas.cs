using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Memory;

/// <summary>
/// Areas that have left an address space and still refer to objects and files. To close a file may take any time and any lock, so it is done after the address space's lock is released.
/// </summary>
internal struct DroppedAreas
{
    private MemoryArea? _first;

    /// <summary>Adds an area that is in no tree.</summary>
    public void Add(MemoryArea area)
    {
        area.Next = _first;
        _first = area;
    }

    /// <summary>Gives their references back. Task context, no lock held.</summary>
    [MightSleep]
    public void Release()
    {
        while (_first is { } area)
        {
            _first = area.Next;
            area.Next = null;
            area.Drop();
        }
    }
}
