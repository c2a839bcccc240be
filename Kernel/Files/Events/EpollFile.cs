using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Time;
using CosmosKernel.Tasks.Waiting;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Events;

/// <summary>
/// epoll(7): watches files, and keeps a list of those for which something has happened, so that a wait costs as much as there is to tell, not as there is to watch. What a file has is
/// asked for when it is told: an event that is over by then is not told, but for nothing else is lost. An item leaves when it is deleted, when its file is closed, or with the epoll.
/// </summary>
public sealed partial class EpollFile : OpenFile
{
    private static readonly LockClass s_lockClass = LockClasses.Register("epoll");

    // Guards the lists of items by file.
    private static readonly Mutex s_filesLock = new("epolls of a file");

    // Order: this one, then s_filesLock; and a file's own locks within Poll.
    private readonly Mutex _lock = new("epoll", s_lockClass);
    private readonly PollQueue _waiters = new("epoll", 1);
    private IrqSpinLock _readyLock = new(LockClass.EpollReady);

    [GuardedBy(nameof(_lock))]
    private readonly Dictionary<(OpenFile File, int Descriptor), EpollItem> _items = [];

    [GuardedBy(nameof(_readyLock), LockFreeReads = true)]
    private EpollItem? _firstReady;

    [GuardedBy(nameof(_readyLock))]
    private EpollItem? _lastReady;

    /// <summary>Makes one with one reference (epoll_create1(2)). Task context.</summary>
    public EpollFile()
        : base(default, AnonymousInode.Instance, OpenFlags.ReadWrite)
    {
    }

    /// <inheritdoc/>
    public override string Description => "anon_inode:[eventpoll]";

    /// <summary>Waits for events (epoll_wait(2)). Task context.</summary>
    /// <param name="events">Where they go.</param>
    /// <param name="maximum">How many at most, 1 and up.</param>
    /// <param name="deadline">Until when to wait.</param>
    /// <param name="mayWait">False only looks.</param>
    /// <returns>How many there are; 0 at the deadline; -EFAULT; -EINTR.</returns>
    [MightSleep]
    public long Wait(Memory.User.UserPointer<EpollEvent> events, int maximum, SleepDeadline deadline, bool mayWait)
    {
        while (true)
        {
            if (HasReady)
            {
                long told = Tell(events, maximum);
                if (told != 0)
                {
                    return told;
                }
            }

            if (!mayWait)
            {
                return 0;
            }

            using WaitQueue.Wait wait = _waiters.Begin(deadline.Monotonic, WaitMode.Interruptible, exclusive: true);
            wait.Prepare();
            if (HasReady)
            {
                continue;
            }

            WaitResult result = wait.Sleep();
            if (result == WaitResult.Interrupted)
            {
                return HasReady && Tell(events, maximum) is var late && late != 0 ? late : -(long)Errno.EINTR;
            }

            if (result == WaitResult.TimedOut)
            {
                // Together with the deadline something may have come.
                mayWait = false;
            }
        }
    }

    /// <inheritdoc/>
    public override PollEvents Poll(PollWatcher? watcher)
    {
        _waiters.Attach(watcher);
        if (!HasReady)
        {
            return PollEvents.None;
        }

        // Something happened; is it still so? Who holds the lock is about to say; then it counts as ready, and a wait finds out.
        using Mutex.Guard guard = _lock.TryEnter();
        return !guard.Taken || DropStale() ? PollEvents.Readable : PollEvents.None;
    }

    /// <summary>Something happened at a file that is watched. Any context but NMI.</summary>
    [NoAllocation]
    internal void Happened(EpollItem item)
    {
        using (_readyLock.Enter())
        {
            if (item.IsReady || item.IsRemoved)
            {
                return;
            }

            Append(item);
        }

        _waiters.Wake(PollEvents.Readable);
    }

    private bool HasReady => Volatile.Read(ref _firstReady) is not null;

    // Takes what is ready off the list, one after the other, asks each file, and tells. What stays ready as long as it lasts goes back to the end of the list.
    [MightSleep]
    private long Tell(Memory.User.UserPointer<EpollEvent> events, int maximum)
    {
        int count = 0;
        bool faulted = false;
        using (_lock.Enter())
        {
            EpollItem? stop = null;
            while (count < maximum && TakeReady(ref stop) is { } item)
            {
                PollEvents found = item.Look(attach: false);
                if (found == PollEvents.None)
                {
                    continue;
                }

                if (!events.At(count).TryWrite(new EpollEvent((uint)found, item.Data)))
                {
                    PutBack(item);
                    faulted = true;
                    break;
                }

                count++;
                uint wanted = item.Wanted;
                if ((wanted & EventConstants.EpollOneShot) != 0)
                {
                    item.Wanted = wanted & (EventConstants.EpollOneShot | EventConstants.EpollEdge | EventConstants.EpollWakeUp | EventConstants.EpollExclusive);
                }
                else if ((wanted & EventConstants.EpollEdge) == 0)
                {
                    PutBack(item);
                    stop ??= item;
                }
            }
        }

        if (HasReady)
        {
            // There is more than this wait has told: for the next who waits.
            _waiters.Wake(PollEvents.Readable);
        }

        return count == 0 && faulted ? -(long)Errno.EFAULT : count;
    }

    // The first of the list, unless it is the one that was put back first: then all have had their turn.
    [NoAllocation]
    private EpollItem? TakeReady(ref EpollItem? stop)
    {
        using (_readyLock.Enter())
        {
            if (_firstReady is not { } item || ReferenceEquals(item, stop))
            {
                return null;
            }

            Unlink(item);
            return item;
        }
    }

    [NoAllocation]
    private void PutBack(EpollItem item)
    {
        using (_readyLock.Enter())
        {
            // Something may have happened to it meanwhile: then it is in the list already.
            if (!item.IsReady && !item.IsRemoved)
            {
                Append(item);
            }
        }
    }

    // Takes items off the list for which nothing is left, up to the first for which something is.
    [RequiresLock(nameof(_lock))]
    private bool DropStale()
    {
        EpollItem? none = null;
        while (TakeReady(ref none) is { } item)
        {
            if (item.Look(attach: false) != PollEvents.None)
            {
                PutBack(item);
                return true;
            }
        }

        return false;
    }

    [RequiresLock(nameof(_readyLock))]
    [NoAllocation]
    private void Append(EpollItem item)
    {
        item.IsReady = true;
        item.NextReady = null;
        item.PreviousReady = _lastReady;
        if (_lastReady is { } last)
        {
            last.NextReady = item;
        }
        else
        {
            Volatile.Write(ref _firstReady, item);
        }

        _lastReady = item;
    }

    [RequiresLock(nameof(_readyLock))]
    [NoAllocation]
    private void Unlink(EpollItem item)
    {
        item.IsReady = false;
        if (item.PreviousReady is { } previous)
        {
            previous.NextReady = item.NextReady;
        }
        else
        {
            Volatile.Write(ref _firstReady, item.NextReady);
        }

        if (item.NextReady is { } next)
        {
            next.PreviousReady = item.PreviousReady;
        }
        else
        {
            _lastReady = item.PreviousReady;
        }

        item.NextReady = null;
        item.PreviousReady = null;
    }
}
