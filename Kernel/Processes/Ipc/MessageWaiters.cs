using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Processes.Ipc;

/// <summary>Calls that wait at a message queue, in the order in which they came.</summary>
[GuardedBy(typeof(IpcObject), nameof(IpcObject.Lock))]
[NoAllocation]
internal struct MessageWaiters
{
    private MessageWaiter? _first;
    private MessageWaiter? _last;

    /// <summary>Who came first.</summary>
    public readonly MessageWaiter? First => _first;

    /// <summary>Adds one at the end.</summary>
    public void Add(MessageWaiter waiter)
    {
        waiter.Next = null;
        waiter.Previous = _last;
        if (_last is { } last)
        {
            last.Next = waiter;
        }
        else
        {
            _first = waiter;
        }

        _last = waiter;
        waiter.Result = MessageWaiter.Pending;
    }

    /// <summary>Takes one off: it gives up.</summary>
    public void Remove(MessageWaiter waiter)
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

    /// <summary>Takes one off, gives it its result and wakes it.</summary>
    public void Complete(MessageWaiter waiter, int result)
    {
        Remove(waiter);

        // From here on the waiting thread may go on, and the waiter is its own.
        var task = waiter.Task;
        waiter.Result = result;
        TaskSleep.Wake(task);
    }

    /// <summary>Completes all.</summary>
    public void CompleteAll(int result)
    {
        while (_first is { } waiter)
        {
            Complete(waiter, result);
        }
    }
}
