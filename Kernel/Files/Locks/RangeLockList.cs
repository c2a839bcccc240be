using System.Collections.Generic;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Locks;

/// <summary>The range locks of one file, by owner: a change costs log n of the owner's locks, and a look at each other owner for what is in the way. No lock of its own.</summary>
[Owned]
internal sealed class RangeLockList
{
    private readonly List<OwnedRanges> _owners = [];

    /// <summary>There is a lock.</summary>
    public bool Any => _owners.Count != 0;

    /// <summary>Locks that there are, by owner.</summary>
    public IReadOnlyList<OwnedRanges> Owners => _owners;

    /// <summary>A lock of another owner that excludes one.</summary>
    public RangeLock? FindConflict(object owner, FileLockAccess access, long start, long end)
    {
        foreach (OwnedRanges one in _owners)
        {
            if (!ReferenceEquals(one.Owner, owner) && one.FindConflict(access, start, end) is { } conflict)
            {
                return conflict;
            }
        }

        return null;
    }

    /// <summary>Gives an owner a lock on a range, or takes it away; whatever it had there before is replaced.</summary>
    /// <exception cref="System.OutOfMemoryException">Nothing has changed.</exception>
    public void Set(object owner, int process, FileLockAccess access, long start, long end)
    {
        int at = 0;
        while (at < _owners.Count && !ReferenceEquals(_owners[at].Owner, owner))
        {
            at++;
        }

        if (at < _owners.Count)
        {
            _owners[at].Set(process, access, start, end);
            if (_owners[at].All.IsEmpty)
            {
                _owners.RemoveAt(at);
            }
        }
        else if (access != FileLockAccess.None)
        {
            var ranges = new OwnedRanges(owner);
            ranges.Set(process, access, start, end);
            _owners.Add(ranges);
        }
    }
}
