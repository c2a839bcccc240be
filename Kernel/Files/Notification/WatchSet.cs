using System.Collections.Generic;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Files.Notification;

/// <summary>All watches of inodes of one file system, for its unmounting. Task context.</summary>
internal sealed class WatchSet
{
    private static readonly LockClass s_class = LockClasses.Register("watches of a file system");

    private readonly Mutex _lock = new("watches of a file system", s_class);

    [GuardedBy(nameof(_lock))]
    private readonly HashSet<InodeWatch> _watches = [];

    [MightSleep]
    public void Add(InodeWatch watch)
    {
        using (_lock.Enter())
        {
            _watches.Add(watch);
        }
    }

    [MightSleep]
    public void Remove(InodeWatch watch)
    {
        using (_lock.Enter())
        {
            _watches.Remove(watch);
        }
    }

    /// <summary>Takes all of them out.</summary>
    [MightSleep]
    public InodeWatch[] Take()
    {
        using (_lock.Enter())
        {
            InodeWatch[] all = [.. _watches];
            _watches.Clear();
            return all;
        }
    }
}
