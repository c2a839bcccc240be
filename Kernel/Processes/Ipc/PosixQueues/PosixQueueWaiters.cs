using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Processes.Ipc.PosixQueues;

/// <summary>Calls that wait at a POSIX message queue: the most urgent first, of equals who came first.</summary>
[GuardedBy(typeof(PosixQueue), "_lock")]
[NoAllocation]
internal struct PosixQueueWaiters
{
    private PosixQueueWaiter? _first;
    private PosixQueueWaiter? _last;

    /// <summary>Who is next.</summary>
    public readonly PosixQueueWaiter? First => _first;

    /// <summary>Adds one at its place.</summary>
    public void Add(PosixQueueWaiter waiter)
    {
        PosixQueueWaiter? before = _last;
        while (before is not null && before.Urgency > waiter.Urgency)
        {
            before = before.Previous;
        }

        PosixQueueWaiter? after = before is null ? _first : before.Next;
        waiter.Previous = before;
        waiter.Next = after;
        if (before is not null)
        {
            before.Next = waiter;
        }
        else
        {
            _first = waiter;
        }

        if (after is not null)
        {
            after.Previous = waiter;
        }
        else
        {
            _last = waiter;
        }
    }

    /// <summary>Takes one off: it gives up.</summary>
    public void Remove(PosixQueueWaiter waiter)
    {
        if (waiter.Previous is { } previous)
        {
            previous.Next = waiter.Next;
        }
        else
        {
            _first = waiter.Next;
        }

        if (waiter.Next is { } next)
        {
            next.Previous = waiter.Previous;
        }
        else
        {
            _last = waiter.Previous;
        }

        waiter.Next = null;
        waiter.Previous = null;
    }

    /// <summary>Takes one off that is done, and wakes it.</summary>
    public void Complete(PosixQueueWaiter waiter)
    {
        Remove(waiter);

        // From here on the waiting thread may go on, and the waiter is its own.
        var task = waiter.Task;
        waiter.IsDone = true;
        TaskSleep.Wake(task);
    }
}
