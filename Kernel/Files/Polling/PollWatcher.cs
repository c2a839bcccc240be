using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Polling;

/// <summary>
/// Somebody who wants to know what happens at files: a poll(2), one entry of an epoll. It is handed to <see cref="Descriptors.OpenFile.Poll"/>, which attaches it to the file's queues
/// (<see cref="PollQueue.Attach"/>); one watcher may be attached to any number of queues. All methods but <see cref="OnWake"/> are called by the task that uses the watcher, or under a
/// lock of its owner's, in task context.
/// <para>Order: attach first, then look at the file's state. An event after the attachment calls <see cref="OnWake"/>, so none is lost.</para>
/// </summary>
public abstract class PollWatcher
{
    [Protocol("Changed by the owner alone: attached nodes, newest first.")]
    private PollNode? _attached;

    [Protocol("Changed by the owner alone: nodes that were used before and are free.")]
    private PollNode? _free;

    /// <summary>It is attached to some queue.</summary>
    public bool IsAttached => _attached is not null;

    /// <summary>
    /// Something happened at a file that this watcher is attached to. Called with the queue's lock held and interrupts off: short, no allocation, no exception; it may wake tasks and take locks that come after
    /// <see cref="LockClass.PollQueue"/>.
    /// </summary>
    /// <param name="events">What happened; at least one event.</param>
    [NoAllocation]
    [InterruptContext]
    protected internal abstract void OnWake(PollEvents events);

    /// <summary>Leaves all queues. When this returns, <see cref="OnWake"/> does not run and will not be called.</summary>
    public void DetachAll()
    {
        while (_attached is { } node)
        {
            node.Queue?.Remove(node);
            _attached = node.NextOfWatcher;
            node.Queue = null;
            node.NextOfWatcher = _free;
            _free = node;
        }
    }

    internal PollNode TakeNode(PollQueue queue)
    {
        if (_free is { } node)
        {
            _free = node.NextOfWatcher;
        }
        else
        {
            node = new PollNode(this);
        }

        node.Queue = queue;
        node.NextOfWatcher = _attached;
        _attached = node;
        return node;
    }
}
