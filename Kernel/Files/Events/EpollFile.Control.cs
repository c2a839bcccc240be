using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Events;

// What is watched.
public sealed partial class EpollFile
{
    // As on Linux: epolls that watch epolls, to this depth.
    private const int DeepestNesting = 5;

    private const uint ExclusiveMayHave = EventConstants.EpollExclusive | EventConstants.EpollEdge | EventConstants.EpollWakeUp
        | (uint)(PollEvents.In | PollEvents.Out | PollEvents.Error | PollEvents.HangUp);

    // While an epoll is added to another one, so that no two additions close a circle together.
    private static readonly Mutex s_nestingLock = new("epoll nesting");

    /// <summary>Adds, changes or deletes what is watched (epoll_ctl(2)). Task context; the caller holds the file.</summary>
    /// <param name="operation">EPOLL_CTL_*.</param>
    /// <param name="descriptor">The file's descriptor.</param>
    /// <param name="file">The file.</param>
    /// <param name="wanted">What is asked for; not for deleting.</param>
    /// <returns>Ok; EEXIST; ENOENT; EPERM: the file cannot be polled; EINVAL; ELOOP.</returns>
    [MightSleep]
    public Errno Control(int operation, int descriptor, OpenFile file, in EpollEvent wanted)
    {
        if (!file.IsPollable)
        {
            return Errno.EPERM;
        }

        if (ReferenceEquals(file, this))
        {
            return Errno.EINVAL;
        }

        bool exclusive = operation != EventConstants.EpollDelete && (wanted.Events & EventConstants.EpollExclusive) != 0;
        if (exclusive && (operation == EventConstants.EpollModify || file is EpollFile || (wanted.Events & ~ExclusiveMayHave) != 0))
        {
            return Errno.EINVAL;
        }

        switch (operation)
        {
            case EventConstants.EpollAdd when file is EpollFile epoll:
                using (s_nestingLock.Enter())
                {
                    return IsTooDeep(epoll) ? Errno.ELOOP : Add(descriptor, file, wanted);
                }

            case EventConstants.EpollAdd:
                return Add(descriptor, file, wanted);
            case EventConstants.EpollModify:
                return Modify(descriptor, file, wanted);
            case EventConstants.EpollDelete:
                return Delete(descriptor, file);
            default:
                return Errno.EINVAL;
        }
    }

    /// <summary>A file is about to be closed: no epoll watches it after this. Task context.</summary>
    [MightSleep]
    internal static void Forget(OpenFile file)
    {
        while (true)
        {
            EpollItem? item;
            using (s_filesLock.Enter())
            {
                item = file.FirstEpollItem;
            }

            if (item is null)
            {
                return;
            }

            // Who tells events holds the lock, and the file stays until that is done.
            EpollFile epoll = item.Epoll;
            using (epoll._lock.Enter())
            {
                if (epoll._items.Remove((item.File, item.Descriptor)))
                {
                    epoll.Detach(item);
                }
            }
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override void Closed()
    {
        using (_lock.Enter())
        {
            foreach (EpollItem item in _items.Values)
            {
                Detach(item);
            }

            _items.Clear();
        }
    }

    [MightSleep]
    private Errno Add(int descriptor, OpenFile file, in EpollEvent wanted)
    {
        EpollItem item = new(this, file, descriptor, wanted);
        using (_lock.Enter())
        {
            if (!_items.TryAdd((file, descriptor), item))
            {
                return Errno.EEXIST;
            }

            using (s_filesLock.Enter())
            {
                item.NextOfFile = file.FirstEpollItem;
                file.FirstEpollItem = item;
            }

            try
            {
                if (item.Look(attach: true) != PollEvents.None)
                {
                    Happened(item);
                }
            }
            catch (OutOfMemoryException)
            {
                // It could not be put into the queues of all that the file waits for.
                _ = _items.Remove((file, descriptor));
                Detach(item);
                return Errno.ENOMEM;
            }
        }

        return Errno.Ok;
    }

    [MightSleep]
    private Errno Modify(int descriptor, OpenFile file, in EpollEvent wanted)
    {
        using (_lock.Enter())
        {
            if (!_items.TryGetValue((file, descriptor), out EpollItem? item))
            {
                return Errno.ENOENT;
            }

            if ((item.Wanted & EventConstants.EpollExclusive) != 0)
            {
                return Errno.EINVAL;
            }

            // First what is asked for, then the look: an event between them is seen by one of the two.
            item.Data = wanted.Data;
            item.Wanted = wanted.Events | (uint)EpollItem.Always;
            System.Threading.Interlocked.MemoryBarrier();
            if (item.Look(attach: false) != PollEvents.None)
            {
                Happened(item);
            }
        }

        return Errno.Ok;
    }

    [MightSleep]
    private Errno Delete(int descriptor, OpenFile file)
    {
        using (_lock.Enter())
        {
            if (!_items.Remove((file, descriptor), out EpollItem? item))
            {
                return Errno.ENOENT;
            }

            Detach(item);
            return Errno.Ok;
        }
    }

    // The item is in no table any more: nobody finds or tells it after this.
    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private void Detach(EpollItem item)
    {
        item.DetachAll();
        using (_readyLock.Enter())
        {
            item.IsRemoved = true;
            if (item.IsReady)
            {
                Unlink(item);
            }
        }

        using (s_filesLock.Enter())
        {
            if (ReferenceEquals(item.File.FirstEpollItem, item))
            {
                item.File.FirstEpollItem = item.NextOfFile;
                return;
            }

            EpollItem? before = item.File.FirstEpollItem;
            while (before is not null && !ReferenceEquals(before.NextOfFile, item))
            {
                before = before.NextOfFile;
            }

            if (before is not null)
            {
                before.NextOfFile = item.NextOfFile;
            }
        }
    }

    // Adding it would close a circle, or make a chain of epolls longer than allowed.
    [MightSleep]
    private bool IsTooDeep(EpollFile added)
    {
        int below = added.DepthBelow(this, DeepestNesting);
        return below < 0 || below + HeightAbove(DeepestNesting) > DeepestNesting;
    }

    // How many levels of epolls it watches, itself included; -1 when the sought one is among them or there are too many.
    [MightSleep]
    private int DepthBelow(EpollFile sought, int allowed)
    {
        if (ReferenceEquals(this, sought) || allowed == 0)
        {
            return -1;
        }

        int deepest = 0;
        foreach (EpollFile watched in WatchedEpolls())
        {
            int depth = watched.DepthBelow(sought, allowed - 1);
            if (depth < 0)
            {
                return -1;
            }

            deepest = System.Math.Max(deepest, depth);
        }

        return deepest + 1;
    }

    // How many levels of epolls watch it, itself included; more than allowed as soon as that is sure.
    [MightSleep]
    private int HeightAbove(int allowed)
    {
        if (allowed == 0)
        {
            return DeepestNesting + 1;
        }

        int highest = 0;
        foreach (EpollFile watcher in WatchingEpolls())
        {
            highest = System.Math.Max(highest, watcher.HeightAbove(allowed - 1));
        }

        return highest + 1;
    }

    [MightSleep]
    private System.Collections.Generic.List<EpollFile> WatchedEpolls()
    {
        System.Collections.Generic.List<EpollFile> found = [];
        using (_lock.Enter())
        {
            foreach (EpollItem item in _items.Values)
            {
                if (item.File is EpollFile epoll)
                {
                    found.Add(epoll);
                }
            }
        }

        return found;
    }

    [MightSleep]
    private System.Collections.Generic.List<EpollFile> WatchingEpolls()
    {
        System.Collections.Generic.List<EpollFile> found = [];
        using (s_filesLock.Enter())
        {
            for (EpollItem? item = FirstEpollItem; item is not null; item = item.NextOfFile)
            {
                found.Add(item.Epoll);
            }
        }

        return found;
    }
}
