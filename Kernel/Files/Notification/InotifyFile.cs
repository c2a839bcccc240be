using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Events;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Polling;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Files.Notification;

/// <summary>
/// An inotify instance (inotify(7)): watches of inodes, and the events that they told. A watch is in the list of the instance and in that of its inode; whoever takes it out of one takes it out of the other, and
/// IN_IGNORED is the last thing that is told of it, once.
/// </summary>
public sealed class InotifyFile : OpenFile
{
    private const uint BytesToRead = 0x541B;

    private static readonly LockClass s_class = LockClasses.Register("inotify watches");

    private readonly PollQueue _readers = new("inotify read");
    private readonly InotifyQueue _queue = new(InotifyLimits.QueuedEvents);
    private readonly InotifyAccount _account;
    private readonly Mutex _lock = new("inotify watches", s_class);

    [GuardedBy(nameof(_lock))]
    private readonly Dictionary<int, InotifyWatch> _watches = [];

    [GuardedBy(nameof(_lock))]
    private int _lastDescriptor;

    private InotifyFile(InotifyAccount account, OpenFlags flags)
        : base(default, AnonymousInode.Instance, flags)
    {
        _account = account;
    }

    /// <inheritdoc/>
    public override bool SupportsAsync => true;

    /// <inheritdoc/>
    public override string Description => "anon_inode:inotify";

    /// <summary>Makes one with one reference. Task context.</summary>
    /// <param name="userId">Whose limit it counts for.</param>
    /// <param name="flags">O_NONBLOCK or none.</param>
    /// <param name="file">The instance.</param>
    /// <returns>EMFILE: the user has as many as allowed.</returns>
    [MightSleep]
    public static Errno Create(uint userId, OpenFlags flags, out InotifyFile? file)
    {
        InotifyAccount account = InotifyAccount.Get(userId);
        file = null;
        if (!account.TryAddInstance())
        {
            return Errno.EMFILE;
        }

        try
        {
            file = new InotifyFile(account, flags);
        }
        finally
        {
            if (file is null)
            {
                account.RemoveInstance();
            }
        }

        return Errno.Ok;
    }

    /// <summary>Watches an inode, or changes the watch of it (inotify_add_watch(2)). The caller keeps the inode from going away meanwhile.</summary>
    /// <param name="inode">What is watched.</param>
    /// <param name="mask">Events and flags that belong together.</param>
    /// <returns>The watch's descriptor, or a negative errno: EEXIST; ENOSPC: the user has as many as allowed.</returns>
    [MightSleep]
    public long Watch(Inode inode, NotifyEvents mask)
    {
        using (_lock.Enter())
        {
            if (Find(inode) is { } watch)
            {
                if ((mask & NotifyEvents.MaskCreate) != 0)
                {
                    return -(long)Errno.EEXIST;
                }

                watch.Change(mask);
                return watch.Descriptor;
            }

            if (!_account.TryAddWatch())
            {
                return -(long)Errno.ENOSPC;
            }

            int descriptor = NextDescriptor();
            bool isAdded = false;
            try
            {
                watch = new InotifyWatch(this, inode, descriptor, mask);
                _watches.Add(descriptor, watch);
                inode.AddWatch(watch);
                isAdded = true;
            }
            finally
            {
                if (!isAdded)
                {
                    _watches.Remove(descriptor);
                    _account.RemoveWatch();
                }
            }

            return descriptor;
        }
    }

    /// <summary>Ends a watch (inotify_rm_watch(2)). Task context.</summary>
    /// <returns>EINVAL: there is no such watch.</returns>
    [MightSleep]
    public Errno Unwatch(int descriptor)
    {
        InotifyWatch? watch;
        using (_lock.Enter())
        {
            _ = _watches.TryGetValue(descriptor, out watch);
        }

        return watch is not null && End(watch) ? Errno.Ok : Errno.EINVAL;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Read(ref DataSink to, long offset)
    {
        while (true)
        {
            long done = 0;
            Errno error;
            while ((error = _queue.Take(to.Remaining, out InotifyEvent? taken)) == Errno.Ok)
            {
                done += Write(taken!, ref to);
                if (to.Faulted)
                {
                    return -(long)Errno.EFAULT;
                }
            }

            if (done > 0)
            {
                return done;
            }

            if (error == Errno.EINVAL || IsNonBlocking)
            {
                return -(long)error;
            }

            error = Await();
            if (error != Errno.Ok)
            {
                return -(long)error;
            }
        }
    }

    /// <summary>The position means nothing, and stays 0.</summary>
    [MightSleep]
    public override long Seek(long offset, int origin) => 0;

    /// <inheritdoc/>
    public override PollEvents Poll(PollWatcher? watcher)
    {
        _readers.Attach(watcher);
        return _queue.IsEmpty ? PollEvents.None : PollEvents.Readable;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Control(uint request, [UserAddress] ulong argument)
    {
        if (request != BytesToRead)
        {
            return base.Control(request, argument);
        }

        return UserMemory.TryWrite(argument, (uint)_queue.Bytes) ? 0 : -(long)Errno.EFAULT;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Describe(TextBuilder to)
    {
        InotifyWatch[] watches;
        using (_lock.Enter())
        {
            watches = [.. _watches.Values];
        }

        // The newest first, as Linux has them.
        for (int i = watches.Length - 1; i >= 0; i--)
        {
            InotifyWatch watch = watches[i];
            to.Add("inotify wd:"u8).AddHex((ulong)watch.Descriptor).Add(" ino:"u8).AddHex(watch.Inode.Number).Add(" sdev:"u8).AddHex(watch.Inode.FileSystem.Device.Internal);
            to.Add(" mask:"u8).AddHex((uint)watch.Wanted).Add(" ignored_mask:0 "u8).Line();
        }
    }

    /// <summary>Queues an event of a watch.</summary>
    [MightSleep]
    internal void Add(InotifyWatch watch, NotifyEvents events, ReadOnlySpan<byte> name, uint cookie)
    {
        if (_queue.Add(watch, events, name, cookie))
        {
            _readers.Wake(PollEvents.Readable);
        }
    }

    /// <summary>Ends a watch whose inode still is there. Task context; locks of directories may be held.</summary>
    /// <returns>False: it had ended.</returns>
    [MightSleep]
    internal bool End(InotifyWatch watch)
    {
        bool ended = watch.Inode.RemoveWatch(watch);
        if (ended)
        {
            Forget(watch);
        }

        return ended;
    }

    /// <summary>A watch was taken from its inode: the instance has it no more, and says so.</summary>
    [MightSleep]
    internal void Forget(InotifyWatch watch)
    {
        bool found;
        using (_lock.Enter())
        {
            // Found by its number, until its last event is in the queue: a new watch cannot get the same one.
            found = _watches.Remove(watch.Descriptor);
        }

        if (found)
        {
            Add(watch, NotifyEvents.Ignored, default, 0);
            _account.RemoveWatch();
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override void Closed()
    {
        while (true)
        {
            InotifyWatch? watch = null;
            using (_lock.Enter())
            {
                foreach (InotifyWatch one in _watches.Values)
                {
                    watch = one;
                    break;
                }

                if (watch is not null)
                {
                    _watches.Remove(watch.Descriptor);
                }
            }

            if (watch is null)
            {
                _account.RemoveInstance();
                return;
            }

            _ = watch.Inode.RemoveWatch(watch);
            _account.RemoveWatch();
        }
    }

    private static int Write(InotifyEvent one, ref DataSink to)
    {
        const int LongestName = 255;
        Span<byte> bytes = stackalloc byte[InotifyEvent.HeaderBytes + LongestName + 1];
        bytes = bytes[..one.Bytes];
        bytes.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(bytes, one.Descriptor);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], (uint)one.Events);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], one.Cookie);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], one.NameBytes);
        one.Name.CopyTo(bytes[InotifyEvent.HeaderBytes..]);
        return to.Write(bytes);
    }

    // Each reader is woken: the first event may be too large for the one that is first.
    [MightSleep]
    private Errno Await()
    {
        using WaitQueue.Wait wait = _readers.Begin();
        while (true)
        {
            wait.Prepare();
            if (!_queue.IsEmpty)
            {
                return Errno.Ok;
            }

            if (wait.Sleep() != WaitResult.Woken)
            {
                return Errno.ERESTARTSYS;
            }
        }
    }

    private InotifyWatch? Find(Inode inode)
    {
        foreach (InodeWatch watch in inode.Watches ?? [])
        {
            if (watch is InotifyWatch own && ReferenceEquals(own.Instance, this))
            {
                return own;
            }
        }

        return null;
    }

    // Numbers go up, so that one is not used again soon.
    [RequiresLock(nameof(_lock))]
    private int NextDescriptor()
    {
        do
        {
            _lastDescriptor = _lastDescriptor == int.MaxValue ? 1 : _lastDescriptor + 1;
        }
        while (_watches.ContainsKey(_lastDescriptor));
        return _lastDescriptor;
    }
}
