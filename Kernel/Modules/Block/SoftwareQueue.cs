using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Block;

/// <summary>What the tasks of one CPU have handed in and the hardware queue has not taken yet. Neighbours on the disk are merged here.</summary>
[NoAllocation]
internal sealed class SoftwareQueue(int maximumSegments, int maximumSectors)
{
    private SpinLock _lock = new(LockClass.BlockSoftwareQueue);

    [GuardedBy(nameof(_lock))]
    private readonly BioList _list = new();

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private int _count;

    /// <summary>Something waits. Outdated at once.</summary>
    public bool HasWaiting => System.Threading.Volatile.Read(ref _count) != 0;

    /// <summary>Adds one. With preemption on or off, not in a hard interrupt.</summary>
    /// <returns>True when it became part of another one's request.</returns>
    public bool Add(Bio bio)
    {
        using (_lock.Enter())
        {
            if (_list.TryMerge(bio, maximumSegments, maximumSectors))
            {
                return true;
            }

            _list.Add(bio);
            System.Threading.Volatile.Write(ref _count, _list.Count);
            return false;
        }
    }

    /// <summary>Takes the first one; null when there is none.</summary>
    public Bio? Take()
    {
        using (_lock.Enter())
        {
            Bio? bio = _list.TakeFirst();
            System.Threading.Volatile.Write(ref _count, _list.Count);
            return bio;
        }
    }
}
