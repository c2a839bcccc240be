using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Polling;

/// <summary>
/// Sends a signal when something happens at a file (O_ASYNC of fcntl(2)). It is attached to the queues of the file as other watchers are, but told without their locks, since sending takes locks that come before
/// them: by <see cref="Told"/>.
/// </summary>
internal sealed class AsyncWatcher(OpenFile file, int descriptor) : PollWatcher
{
    [Protocol("Filled by Attach, which one task does at a time; emptied by Detach.")]
    private PollQueue[] _queues = [];

    // It was detached: what is under way tells nobody.
    [Atomic]
    private bool _isOver;

    /// <summary>It is in no queue's list of watchers.</summary>
    [NoAllocation]
    [InterruptContext]
    protected internal override void OnWake(PollEvents events)
    {
    }

    /// <summary>Attaches it to the queues of its file. Task context.</summary>
    public void Begin() => file.Poll(this);

    /// <summary>Leaves all queues; a signal may still be on its way. Task context.</summary>
    public void End()
    {
        Volatile.Write(ref _isOver, true);
        foreach (PollQueue queue in _queues)
        {
            queue.RemoveAsync(this);
        }

        _queues = [];
    }

    internal void Note(PollQueue queue) => _queues = [.. _queues, queue];

    /// <summary>Something happened. Any context but NMI, without a lock that comes after those of signals.</summary>
    [NoAllocation]
    internal void Told(PollEvents events)
    {
        int reason = ReasonOf(events);
        if (reason != 0 && !Volatile.Read(ref _isOver))
        {
            file.SignalOwner(reason, descriptor);
        }
    }

    // Data is told to who reads, room to who writes.
    [NoAllocation]
    private int ReasonOf(PollEvents events)
    {
        if ((events & PollEvents.In) != 0 && file.IsReadable)
        {
            return SignalCode.POLL_IN;
        }

        if ((events & PollEvents.Out) != 0 && file.IsWritable)
        {
            return SignalCode.POLL_OUT;
        }

        if ((events & PollEvents.Priority) != 0)
        {
            return SignalCode.POLL_PRI;
        }

        return (events & PollEvents.HangUp) != 0 ? SignalCode.POLL_HUP : (events & PollEvents.Error) != 0 ? SignalCode.POLL_ERR : 0;
    }
}
