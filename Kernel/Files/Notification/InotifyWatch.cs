using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Notification;

/// <summary>A watch of an inotify instance.</summary>
internal sealed class InotifyWatch : InodeWatch
{
    // Which part of the mask stays with the watch.
    private const NotifyEvents Kept = NotifyEvents.All | NotifyEvents.ExcludeUnlinked | NotifyEvents.OneShot;

    private readonly InotifyFile _instance;

    // With the queue's lock: it has told its one event, or IN_IGNORED, the last one.
    [GuardedBy(typeof(InotifyQueue), "_lock")]
    private bool _isOver;

    [GuardedBy(typeof(InotifyQueue), "_lock")]
    private bool _isIgnored;

    internal InotifyWatch(InotifyFile instance, Inode inode, int descriptor, NotifyEvents mask)
        : base(inode, mask & Kept)
    {
        _instance = instance;
        Descriptor = descriptor;
    }

    /// <summary>What names it in the instance, 1 and up.</summary>
    public int Descriptor { get; }

    /// <summary>Whose it is.</summary>
    public InotifyFile Instance => _instance;

    /// <summary>Asks for other events, or for more. With the instance's lock of watches held.</summary>
    public void Change(NotifyEvents mask) => Wanted = ((mask & NotifyEvents.MaskAdd) != 0 ? Wanted : NotifyEvents.None) | (mask & Kept);

    /// <summary>Whether an event may still be told. With the queue's lock held.</summary>
    [RequiresLock(typeof(InotifyQueue), "_lock")]
    internal bool MayTell(NotifyEvents events) => (events & NotifyEvents.Ignored) != 0 ? !_isIgnored : !_isOver;

    /// <summary>An event is told. With the queue's lock held.</summary>
    [RequiresLock(typeof(InotifyQueue), "_lock")]
    internal void NoteTold(NotifyEvents events)
    {
        _isIgnored |= (events & NotifyEvents.Ignored) != 0;
        _isOver |= _isIgnored || (Wanted & NotifyEvents.OneShot) != 0;
    }

    /// <inheritdoc/>
    [MightSleep]
    protected internal override void Tell(NotifyEvents events, ReadOnlySpan<byte> name, uint cookie)
    {
        events &= ~NotifyEvents.Rename;
        if ((events & (NotifyEvents.All | NotifyEvents.Unmount)) == 0)
        {
            return;
        }

        // As Linux has it, for programs that compare.
        if ((events & (NotifyEvents.DeleteSelf | NotifyEvents.MoveSelf)) != 0)
        {
            events &= ~NotifyEvents.IsDirectory;
        }

        _instance.Add(this, events, name, cookie);
        if ((Wanted & NotifyEvents.OneShot) != 0)
        {
            _instance.End(this);
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    protected internal override void Ended() => _instance.Forget(this);
}
