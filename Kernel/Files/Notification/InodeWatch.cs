using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Notification;

/// <summary>
/// Somebody who wants to know what happens to one inode, and, if that is a directory, to what is in it. <see cref="Inode.AddWatch"/> begins it; what happens is told by <see cref="FileNotify"/>.
/// </summary>
public abstract class InodeWatch
{
    [Atomic]
    private uint _wanted;

    /// <summary>Makes one that is not told anything yet.</summary>
    /// <param name="inode">What is watched.</param>
    /// <param name="wanted">Which events, and <see cref="NotifyEvents.ExcludeUnlinked"/>.</param>
    protected InodeWatch(Inode inode, NotifyEvents wanted)
    {
        Inode = inode;
        _wanted = (uint)wanted;
    }

    /// <summary>What is watched. It stays in memory with the watch.</summary>
    public Inode Inode { get; }

    /// <summary>The events that are told, and <see cref="NotifyEvents.ExcludeUnlinked"/>. Any context.</summary>
    public NotifyEvents Wanted
    {
        get => (NotifyEvents)Volatile.Read(ref _wanted);
        protected set => Volatile.Write(ref _wanted, (uint)value);
    }

    /// <summary>Something happened. Task context; locks of directories may be held. Everything has been done already, so nothing can fail: what cannot be told is lost.</summary>
    /// <param name="events">What, with <see cref="NotifyEvents.IsDirectory"/>.</param>
    /// <param name="name">To what in the watched directory; empty: to the watched inode itself.</param>
    /// <param name="cookie">The same for both events of a rename; else 0.</param>
    [MightSleep]
    protected internal abstract void Tell(NotifyEvents events, ReadOnlySpan<byte> name, uint cookie);

    /// <summary>The inode is gone, and this watch has been taken from it. Task context. Once at most.</summary>
    [MightSleep]
    protected internal abstract void Ended();
}
