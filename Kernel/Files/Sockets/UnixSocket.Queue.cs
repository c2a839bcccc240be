using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Sockets;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Waiting;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Sockets;

// What waits to be received.
internal abstract partial class UnixSocket
{
    private static readonly LockClass s_queueClass = LockClasses.Register("socket queue");

    private readonly Mutex _queueLock = new("socket queue", s_queueClass);

    /// <summary>Who waits until this socket has fewer messages, or fewer connections to accept.</summary>
    public WaitQueue Room { get; } = new("unix_wait_for_peer");

    // How many messages may wait, from who is not the peer.
    private readonly int _mostMessages = SocketSettings.QueuedMessages;

    [GuardedBy(nameof(_queueLock))]
    private readonly MessageRing _ring = new();

    // Tasks that wait for something to receive, or are about to: nobody else is worth a wake-up.
    [GuardedBy(nameof(_queueLock))]
    private int _sleepers;

    // Of those, who waits though there is something: for what is behind the place where MSG_PEEK looks.
    [GuardedBy(nameof(_queueLock))]
    private int _sleepersBehind;

    // Senders that wait for room, or are about to.
    [GuardedBy(nameof(_queueLock))]
    private int _sleepersForRoom;

    // Changes with each thing that comes. What who waits looks at, since then no lock can be waited for.
    [GuardedBy(nameof(_queueLock), LockFreeReads = true)]
    private uint _arrivals;

    // What poll looks at.
    [GuardedBy(nameof(_queueLock), LockFreeReads = true)]
    private int _segments;

    [GuardedBy(nameof(_queueLock), LockFreeReads = true)]
    private int _messages;

    /// <summary>There is something to receive. Outdated at once.</summary>
    public bool HasData => Volatile.Read(ref _segments) != 0;

    /// <summary>Senders that are not its peer must wait. Outdated at once.</summary>
    public bool IsFull => Volatile.Read(ref _messages) > _mostMessages;

    /// <summary>Puts bytes into this socket's queue, all or none, and wakes who waits for them.</summary>
    /// <param name="from">The bytes.</param>
    /// <param name="count">How many.</param>
    /// <param name="sender">Who is charged.</param>
    /// <param name="extra">What goes with them, or null.</param>
    /// <param name="isMessage">They are one message.</param>
    /// <param name="isLimited">Not if there are as many messages as may be.</param>
    /// <returns>ECONNREFUSED: it is closed; EPIPE: it receives no more; EAGAIN: there are too many; EFAULT; ENOMEM.</returns>
    [MightSleep]
    public Errno Deliver(ref DataSource from, int count, UnixSocket sender, MessageExtra? extra, bool isMessage, bool isLimited)
    {
        bool wakes;
        using (_queueLock.Enter())
        {
            if ((Ended & SocketShutdown.Receive) != 0)
            {
                return State == SocketState.Dead ? Errno.ECONNREFUSED : Errno.EPIPE;
            }

            if (isLimited && _ring.Messages > _mostMessages)
            {
                return Errno.EAGAIN;
            }

            bool wasEmpty = _ring.Count == 0;
            Errno error = _ring.Append(ref from, count, sender, extra, isMessage, out int charge);
            if (error != Errno.Ok)
            {
                return error;
            }

            // Before a receiver can take it off again.
            sender.Charge(charge);
            NoteArrival();

            // The first sleeper passes it on if it leaves something.
            wakes = (_sleepers != 0 && wasEmpty) || _sleepersBehind != 0;
        }

        if (wakes || Readers.HasWatchers)
        {
            Readers.Wake(PollEvents.Readable);
        }

        return Errno.Ok;
    }

    /// <summary>Waits until this socket has room for a message. Called by senders.</summary>
    /// <returns>Ok: look again; EAGAIN: the deadline; ERESTARTSYS or EINTR.</returns>
    [MightSleep]
    public Errno AwaitRoom(ulong deadline)
    {
        using (_queueLock.Enter())
        {
            _sleepersForRoom++;
        }

        WaitResult result = WaitResult.Woken;
        using (WaitQueue.Wait wait = Room.Begin(deadline, WaitMode.Interruptible, exclusive: true))
        {
            wait.Prepare();
            if (IsFull && (Ended & SocketShutdown.Receive) == 0)
            {
                result = wait.Sleep();
            }
        }

        bool passesOn;
        using (_queueLock.Enter())
        {
            _sleepersForRoom--;

            // A wake-up that this task has no use for.
            passesOn = result != WaitResult.Woken && _sleepersForRoom != 0 && _ring.Messages <= _mostMessages;
        }

        if (passesOn)
        {
            Room.WakeOne();
        }

        return result switch
        {
            WaitResult.Interrupted => InterruptedBy(deadline),
            WaitResult.TimedOut => Errno.EAGAIN,
            _ => Errno.Ok,
        };
    }

    /// <summary>Keeps what a sender says about a message, if anybody wants to know.</summary>
    /// <param name="to">Who receives it.</param>
    /// <param name="message">What the sender says.</param>
    protected MessageExtra? DescribeMessage(UnixSocket to, in OutgoingMessage message)
    {
        UserIdentity? identity = message.Identity;
        if (identity is null && (Options.Has(SocketOption.PassCredentials) || to.Options.Has(SocketOption.PassCredentials) || to.File is null))
        {
            Users.Credentials credentials = Users.Credentials.Current;
            identity = new UserIdentity(Users.FileServices.Instance?.CurrentProcess ?? 0, credentials.UserId, credentials.GroupId);
        }

        bool isTimed = Type != SocketType.Stream && to.Options.TimestampOption != 0;
        return identity is null && message.Files is null && !isTimed ? null
            : new MessageExtra { Identity = identity, Files = message.Files, Timestamp = isTimed ? Clock.RealtimeNanoseconds : 0 };
    }

    /// <summary>Waits for something to receive. The caller has counted itself among the sleepers.</summary>
    /// <param name="seen">Arrivals when the caller found nothing.</param>
    /// <param name="deadline">On the monotonic clock.</param>
    /// <returns>Woken: look again.</returns>
    [MightSleep]
    protected WaitResult AwaitArrival(uint seen, ulong deadline)
    {
        using WaitQueue.Wait wait = Readers.Begin(deadline, WaitMode.Interruptible, exclusive: true);
        wait.Prepare();
        return Volatile.Read(ref _arrivals) != seen || HasError || (Ended & SocketShutdown.Receive) != 0 ? WaitResult.Woken : wait.Sleep();
    }

    [RequiresLock(nameof(_queueLock))]
    private void NoteArrival()
    {
        Volatile.Write(ref _arrivals, _arrivals + 1);
        NoteState();
    }

    [RequiresLock(nameof(_queueLock))]
    private void NoteState()
    {
        Volatile.Write(ref _segments, _ring.Count);
        Volatile.Write(ref _messages, _ring.Messages);
    }

    /// <summary>Tells a search, whose lock is held, of the sockets that its messages pass.</summary>
    /// <param name="reaches">They are reached; else they are only counted.</param>
    [RequiresLock(typeof(FilesInFlight), "s_lock")]
    [MightSleep]
    public virtual void VisitFiles(bool reaches)
    {
        using (_queueLock.Enter())
        {
            for (int i = 0; i < _ring.Count; i++)
            {
                if (_ring.At(i).Extra?.Files is not { } files)
                {
                    continue;
                }

                foreach (OpenFile file in files.Files)
                {
                    if (file is SocketFile socket)
                    {
                        FilesInFlight.Visit(socket, reaches);
                    }
                }
            }
        }
    }

    /// <summary>Takes all files from its messages. Called by a search, whose lock is held.</summary>
    /// <param name="taken">The first of those that were taken.</param>
    [MightSleep]
    public virtual void TakeAllFiles(ref PassedFiles? taken)
    {
        using (_queueLock.Enter())
        {
            for (int i = 0; i < _ring.Count; i++)
            {
                if (TakeFiles(_ring.At(i).Extra) is { } files)
                {
                    files.NextLost = taken;
                    taken = files;
                }
            }
        }
    }

    /// <summary>Its file is closed: it receives nothing any more, and what is in its queue is lost.</summary>
    /// <returns>Something was in the queue.</returns>
    [MightSleep]
    protected bool Leave()
    {
        using (_queueLock.Enter())
        {
            Interlocked.Or(ref _shutdown, (int)SocketShutdown.Both);
        }

        bool hadData = Purge(forGood: true);
        UnixSockets.Remove(this);
        TellEverybody(PollEvents.HangUp);
        return hadData;
    }

    // Takes everything away: what is in the queue is lost.
    [MightSleep]
    private protected bool Purge(bool forGood)
    {
        bool hadData = false;
        while (true)
        {
            UnixSocket? sender = null;
            PassedFiles? files = null;
            int charge = 0;
            using (_queueLock.Enter())
            {
                while (_ring.Count != 0 && files is null)
                {
                    ref MessageRing.Segment first = ref _ring.At(0);
                    if (sender is not null && !ReferenceEquals(sender, first.Sender))
                    {
                        break;
                    }

                    hadData = true;
                    sender = first.Sender;
                    files = TakeFiles(first.Extra);
                    charge += _ring.RemoveFirst();
                }

                NoteState();
                if (forGood && _ring.Count == 0)
                {
                    _ring.ReleaseSpare();
                }
            }

            if (sender is null)
            {
                return hadData;
            }

            sender.Discharge(charge);
            FilesInFlight.Release(files);
        }
    }

    [RequiresLock(nameof(_queueLock))]
    private static PassedFiles? TakeFiles(MessageExtra? extra)
    {
        PassedFiles? files = extra?.Files;
        if (files is not null)
        {
            extra!.Files = null;
        }

        return files;
    }
}
