using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Notification;

/// <summary>
/// Signals for changes in a directory (F_NOTIFY of fcntl(2)): one for each open file and each table of descriptors that asked; it ends when that table closes a descriptor of the file.
/// </summary>
internal sealed class DirectoryWatch : InodeWatch
{
    private static readonly Mutex s_lock = new("directory notification");

    private readonly OpenFile _file;
    private readonly object _table;

    [GuardedBy(nameof(s_lock))]
    private DirectoryWatch? _next;

    [Atomic]
    private int _descriptor;

    [Atomic]
    private bool _isLasting;

    [Atomic]
    private int _isOver;

    private DirectoryWatch(OpenFile file, object table, int descriptor, NotifyEvents wanted, bool isLasting)
        : base(file.Inode, wanted)
    {
        _file = file;
        _table = table;
        _descriptor = descriptor;
        _isLasting = isLasting;
    }

    /// <summary>Asks for signals, or for more of them (F_NOTIFY). Task context.</summary>
    /// <param name="file">An open directory.</param>
    /// <param name="table">The caller's descriptors.</param>
    /// <param name="descriptor">What the signals shall name it.</param>
    /// <param name="kinds">DN_*; none: no more signals.</param>
    /// <returns>ENOTDIR.</returns>
    [MightSleep]
    public static Errno Set(OpenFile file, object table, int descriptor, DirectoryChanges kinds)
    {
        if ((kinds & ~DirectoryChanges.Lasting) == 0)
        {
            Release(file, table);
            return Errno.Ok;
        }

        if (!file.Inode.IsDirectory)
        {
            return Errno.ENOTDIR;
        }

        if (file.Owner.Target is null && FileServices.Instance is { } services && services.FindOwner(FileOwnerKind.Process, services.CurrentProcess, out FileOwner owner) == Errno.Ok)
        {
            file.Owner = owner;
        }

        bool isLasting = (kinds & DirectoryChanges.Lasting) != 0;
        using (s_lock.Enter())
        {
            DirectoryWatch? watch = file.FirstDirectoryWatch;
            while (watch is not null && !ReferenceEquals(watch._table, table))
            {
                watch = watch._next;
            }

            if (watch is not null)
            {
                Volatile.Write(ref watch._descriptor, descriptor);
                watch.Wanted |= Translate(kinds);
                Volatile.Write(ref watch._isLasting, isLasting || Volatile.Read(ref watch._isLasting));
                return Errno.Ok;
            }

            // What it tells before it is in the list waits for the lock to take it out again.
            watch = new DirectoryWatch(file, table, descriptor, Translate(kinds), isLasting) { _next = file.FirstDirectoryWatch };
            watch.Inode.AddWatch(watch);
            file.FirstDirectoryWatch = watch;
            return Errno.Ok;
        }
    }

    /// <summary>A table of descriptors has closed one of the file. Task context.</summary>
    [MightSleep]
    public static void Release(OpenFile file, object table)
    {
        DirectoryWatch? watch;
        using (s_lock.Enter())
        {
            watch = file.FirstDirectoryWatch;
            while (watch is not null && !ReferenceEquals(watch._table, table))
            {
                watch = watch._next;
            }

            watch?.Unlink();
        }

        _ = watch?.Inode.RemoveWatch(watch);
    }

    /// <inheritdoc/>
    [MightSleep]
    protected internal override void Tell(NotifyEvents events, ReadOnlySpan<byte> name, uint cookie)
    {
        bool isLasting = Volatile.Read(ref _isLasting);
        if (!isLasting && Interlocked.Exchange(ref _isOver, 1) != 0)
        {
            return;
        }

        _file.SignalOwner(SignalCode.POLL_MSG, Volatile.Read(ref _descriptor));
        if (!isLasting && Inode.RemoveWatch(this))
        {
            Ended();
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    protected internal override void Ended()
    {
        using (s_lock.Enter())
        {
            Unlink();
        }
    }

    private static NotifyEvents Translate(DirectoryChanges kinds)
    {
        NotifyEvents events = NotifyEvents.None;
        events |= (kinds & DirectoryChanges.Access) != 0 ? NotifyEvents.Access : NotifyEvents.None;
        events |= (kinds & DirectoryChanges.Modify) != 0 ? NotifyEvents.Modify : NotifyEvents.None;
        events |= (kinds & DirectoryChanges.Create) != 0 ? NotifyEvents.Create | NotifyEvents.MovedTo : NotifyEvents.None;
        events |= (kinds & DirectoryChanges.Delete) != 0 ? NotifyEvents.Delete | NotifyEvents.MovedFrom : NotifyEvents.None;
        events |= (kinds & DirectoryChanges.Rename) != 0 ? NotifyEvents.Rename : NotifyEvents.None;
        events |= (kinds & DirectoryChanges.Attributes) != 0 ? NotifyEvents.Attributes : NotifyEvents.None;
        return events;
    }

    [RequiresLock(nameof(s_lock))]
    private void Unlink()
    {
        DirectoryWatch? before = null;
        DirectoryWatch? watch = _file.FirstDirectoryWatch;
        while (watch is not null && !ReferenceEquals(watch, this))
        {
            before = watch;
            watch = watch._next;
        }

        if (watch is null)
        {
            return;
        }

        if (before is null)
        {
            _file.FirstDirectoryWatch = _next;
        }
        else
        {
            before._next = _next;
        }
    }
}
