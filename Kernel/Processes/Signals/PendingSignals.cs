using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>
/// Signals that wait for one thread, or for any thread of a process. A standard signal is in it once at most; real-time signals queue, in order. A signal may be in the set without an
/// entry in the queue: then what else was known of it is lost, for want of memory.
/// </summary>
[Owned]
internal sealed class PendingSignals
{
    private QueuedSignal? _first;
    private QueuedSignal? _last;

    /// <summary>Which signals wait.</summary>
    public SignalSet Set { get; private set; }

    /// <summary>Adds a signal without an entry.</summary>
    [NoAllocation]
    public void Add(int signal) => Set |= SignalSet.Of(signal);

    /// <summary>Adds a signal with its entry, behind all others.</summary>
    [NoAllocation]
    public void Add(QueuedSignal entry)
    {
        entry.Next = null;
        if (_last is { } last)
        {
            last.Next = entry;
        }
        else
        {
            _first = entry;
        }

        _last = entry;
        Set |= SignalSet.Of(entry.Info.Number);
    }

    /// <summary>Takes the oldest of one signal.</summary>
    /// <param name="signal">It is in the set.</param>
    /// <param name="entry">Its entry; null when there is none.</param>
    [NoAllocation]
    public void Take(int signal, out QueuedSignal? entry)
    {
        entry = null;
        QueuedSignal? before = null;
        bool more = false;
        QueuedSignal? previous = null;
        for (QueuedSignal? one = _first; one is not null; previous = one, one = one.Next)
        {
            if (one.Info.Number != signal)
            {
                continue;
            }

            if (entry is not null)
            {
                more = true;
                break;
            }

            entry = one;
            before = previous;
        }

        if (entry is not null)
        {
            Unlink(entry, before);
        }

        if (!more)
        {
            Set = Set.Without(SignalSet.Of(signal));
        }
    }

    /// <summary>Takes one entry whose signal is in a set, and forgets the signals of the set that have none left. To be called until it returns null.</summary>
    [NoAllocation]
    public QueuedSignal? Flush(SignalSet set)
    {
        if ((Set & set).IsEmpty)
        {
            return null;
        }

        QueuedSignal? previous = null;
        for (QueuedSignal? one = _first; one is not null; previous = one, one = one.Next)
        {
            if (set.Contains(one.Info.Number))
            {
                Unlink(one, previous);
                return one;
            }
        }

        Set = Set.Without(set);
        return null;
    }

    /// <summary>Takes one entry out, which is in it.</summary>
    [NoAllocation]
    public bool Remove(QueuedSignal entry)
    {
        bool found = false;
        bool more = false;
        QueuedSignal? before = null;
        QueuedSignal? previous = null;
        for (QueuedSignal? one = _first; one is not null; previous = one, one = one.Next)
        {
            if (ReferenceEquals(one, entry))
            {
                found = true;
                before = previous;
            }
            else if (one.Info.Number == entry.Info.Number)
            {
                more = true;
            }
        }

        if (!found)
        {
            return false;
        }

        Unlink(entry, before);
        if (!more)
        {
            Set = Set.Without(SignalSet.Of(entry.Info.Number));
        }

        return true;
    }

    /// <summary>The first signal to deliver of those in the set: synchronous ones first, then the lowest number (signal(7)); 0 for none.</summary>
    [NoAllocation]
    public int NextOf(SignalSet wanted)
    {
        SignalSet ready = Set & wanted;
        SignalSet synchronous = ready & SignalSet.Synchronous;
        return synchronous.IsEmpty ? ready.First : synchronous.First;
    }

    private void Unlink(QueuedSignal entry, QueuedSignal? before)
    {
        if (before is null)
        {
            _first = entry.Next;
        }
        else
        {
            before.Next = entry.Next;
        }

        if (ReferenceEquals(_last, entry))
        {
            _last = before;
        }

        entry.Next = null;
    }
}
