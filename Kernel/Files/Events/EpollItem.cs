using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Deferred;

namespace CosmosKernel.Files.Events;

/// <summary>A file that an epoll watches, under one descriptor.</summary>
internal sealed class EpollItem : PollWatcher
{
    /// <summary>Reported whether asked for or not.</summary>
    public const PollEvents Always = PollEvents.Error | PollEvents.HangUp;

    private readonly Relay? _relay;

    // What is asked for: event bits, and how it is told.
    [Atomic]
    private uint _wanted;

    /// <summary>Makes an item that is in no list. Task context.</summary>
    public EpollItem(EpollFile epoll, OpenFile file, int descriptor, in EpollEvent wanted)
    {
        Epoll = epoll;
        File = file;
        Descriptor = descriptor;
        Data = wanted.Data;
        Wanted = wanted.Events | (uint)Always;

        // An epoll that watches an epoll is told without the lock of what woke that one.
        _relay = file is EpollFile ? new Relay(this) : null;
    }

    /// <summary>Whose it is.</summary>
    public EpollFile Epoll { get; }

    /// <summary>The file; not counted: when it is closed, the item goes first.</summary>
    public OpenFile File { get; }

    /// <summary>The number under which it was added.</summary>
    public int Descriptor { get; }

    /// <summary>The user's word for it.</summary>
    [GuardedBy(typeof(EpollFile), "_lock")]
    public ulong Data { get; set; }

    /// <summary>Events and EPOLLET, EPOLLONESHOT and so on; without any event after a one-shot's one.</summary>
    public uint Wanted
    {
        get => Volatile.Read(ref _wanted);
        set => Volatile.Write(ref _wanted, value);
    }

    /// <summary>It is among those for which something has happened.</summary>
    [GuardedBy(typeof(EpollFile), "_readyLock")]
    public bool IsReady { get; set; }

    /// <summary>It is watched no longer.</summary>
    [GuardedBy(typeof(EpollFile), "_readyLock")]
    public bool IsRemoved { get; set; }

    /// <summary>The next for which something has happened.</summary>
    [GuardedBy(typeof(EpollFile), "_readyLock")]
    public EpollItem? NextReady { get; set; }

    /// <summary>The previous one.</summary>
    [GuardedBy(typeof(EpollFile), "_readyLock")]
    public EpollItem? PreviousReady { get; set; }

    /// <summary>The next item of the same file.</summary>
    [GuardedBy(typeof(EpollFile), "s_filesLock")]
    public EpollItem? NextOfFile { get; set; }

    /// <summary>What the file has now of what is asked for. The epoll's lock is held.</summary>
    public PollEvents Look(bool attach) => File.Poll(attach ? this : null) & (PollEvents)Wanted;

    /// <inheritdoc/>
    protected internal override void OnWake(PollEvents events)
    {
        if ((events & (PollEvents)Wanted) == PollEvents.None)
        {
            return;
        }

        if (_relay is { } relay)
        {
            relay.Request();
        }
        else
        {
            Epoll.Happened(this);
        }
    }

    private sealed class Relay(EpollItem item) : DeferredCall
    {
        /// <inheritdoc/>
        protected override void Run() => item.Epoll.Happened(item);
    }
}
