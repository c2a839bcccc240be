using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.ReadCopyUpdate;

/// <summary>
/// Something to be done after a grace period, handed in by <see cref="Rcu.Call"/>: as a rule, giving back what readers may still have been looking at. The object is its own
/// place in the queue, so handing it in allocates nothing; make it together with what it is to release. It may be handed in again once <see cref="GracePeriodEnded"/> has begun.
/// </summary>
public abstract class RcuCallback
{
    [Protocol("Belongs to the list that holds the callback, and is touched as that list's owner allows.")]
    internal RcuCallback? Next { get; set; }

    // 1 from Rcu.Call to the callback.
    [Atomic]
    internal int IsPending;

    /// <summary>Every read-side section that had begun when this was handed in has ended. In a work item; others wait until it returns, so it should not sleep for long.</summary>
    [MightSleep]
    protected internal abstract void GracePeriodEnded();
}

/// <summary>Callbacks in the order in which they came. Without a lock: guarded by the one of its owner.</summary>
[NoAllocation]
[Owned]
internal struct CallbackList
{
    private RcuCallback? _first;
    private RcuCallback? _last;

    public readonly bool IsEmpty => _first is null;

    public void Add(RcuCallback callback)
    {
        callback.Next = null;
        if (_last is { } last)
        {
            last.Next = callback;
        }
        else
        {
            _first = callback;
        }

        _last = callback;
    }

    /// <summary>Moves all of another list to the end of this one.</summary>
    public void TakeAll(ref CallbackList other)
    {
        if (other._first is not { } first)
        {
            return;
        }

        if (_last is { } last)
        {
            last.Next = first;
        }
        else
        {
            _first = first;
        }

        _last = other._last;
        other = default;
    }

    public RcuCallback? TakeFirst()
    {
        RcuCallback? callback = _first;
        if (callback is not null)
        {
            _first = callback.Next;
            callback.Next = null;
            if (_first is null)
            {
                _last = null;
            }
        }

        return callback;
    }
}
