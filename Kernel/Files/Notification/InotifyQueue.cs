using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using SpinLock = CosmosKernel.Machine.Locking.SpinLock;

namespace CosmosKernel.Files.Notification;

/// <summary>The events of one inotify instance, in order. An event that equals the last one is not added; with too many, one event says that others were lost. Task context.</summary>
internal sealed class InotifyQueue(int limit)
{
    // Made at once, so that the loss can be told even when memory is short.
    private readonly InotifyEvent _overflow = new(-1, NotifyEvents.QueueOverflow, 0, []);
    private SpinLock _lock = new(LockClass.NotificationQueue);

    [GuardedBy(nameof(_lock))]
    private InotifyEvent? _first;

    [GuardedBy(nameof(_lock))]
    private InotifyEvent? _last;

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private int _count;

    [GuardedBy(nameof(_lock))]
    private long _bytes;

    [GuardedBy(nameof(_lock))]
    private bool _hasOverflow;

    /// <summary>There is nothing to read. Any context.</summary>
    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    /// <summary>Bytes that can be read (FIONREAD).</summary>
    public long Bytes
    {
        get
        {
            using (_lock.Enter())
            {
                return _bytes;
            }
        }
    }

    /// <summary>Adds an event of a watch, unless it is over.</summary>
    /// <param name="watch">Whose event it is.</param>
    /// <param name="events">What happened.</param>
    /// <param name="name">To what.</param>
    /// <param name="cookie">Of a rename.</param>
    /// <returns>Something was added: readers are to be woken.</returns>
    public bool Add(InotifyWatch watch, NotifyEvents events, ReadOnlySpan<byte> name, uint cookie)
    {
        using (_lock.Enter())
        {
            if (!watch.MayTell(events))
            {
                return false;
            }

            if (IsLast(watch.Descriptor, events, name))
            {
                watch.NoteTold(events);
                return false;
            }
        }

        InotifyEvent? made = Make(watch.Descriptor, events, name, cookie);
        using (_lock.Enter())
        {
            // Meanwhile others may have added the same, or ended the watch.
            if (!watch.MayTell(events))
            {
                return false;
            }

            watch.NoteTold(events);
            return !IsLast(watch.Descriptor, events, name) && Append(made);
        }
    }

    /// <summary>Takes the first event if it is not larger than this.</summary>
    /// <param name="room">Bytes.</param>
    /// <param name="taken">The event.</param>
    /// <returns>EAGAIN: there is none; EINVAL: it is larger.</returns>
    public Errno Take(long room, out InotifyEvent? taken)
    {
        using (_lock.Enter())
        {
            taken = _first;
            if (taken is null)
            {
                return Errno.EAGAIN;
            }

            if (taken.Bytes > room)
            {
                taken = null;
                return Errno.EINVAL;
            }

            _first = taken.Next;
            if (_first is null)
            {
                _last = null;
            }

            taken.Next = null;
            _bytes -= taken.Bytes;
            Volatile.Write(ref _count, _count - 1);
            if (ReferenceEquals(taken, _overflow))
            {
                _hasOverflow = false;
            }

            return Errno.Ok;
        }
    }

    private static InotifyEvent? Make(int descriptor, NotifyEvents events, ReadOnlySpan<byte> name, uint cookie)
    {
        try
        {
            return new InotifyEvent(descriptor, events, cookie, name.ToArray());
        }
        catch (OutOfMemoryException)
        {
            // It is lost, and the reader will know.
            return null;
        }
    }

    [RequiresLock(nameof(_lock))]
    private bool IsLast(int descriptor, NotifyEvents events, ReadOnlySpan<byte> name) =>
        _last is { } last && last.Descriptor == descriptor && last.Events == events && name.SequenceEqual(last.Name);

    [RequiresLock(nameof(_lock))]
    private bool Append(InotifyEvent? made)
    {
        if (made is null || _count >= limit)
        {
            if (_hasOverflow)
            {
                return false;
            }

            _hasOverflow = true;
            made = _overflow;
        }

        if (_last is { } last)
        {
            last.Next = made;
        }
        else
        {
            _first = made;
        }

        _last = made;
        _bytes += made.Bytes;
        Volatile.Write(ref _count, _count + 1);
        return true;
    }
}
