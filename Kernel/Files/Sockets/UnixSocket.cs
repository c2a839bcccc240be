using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Sockets;
using CosmosKernel.Files.Polling;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Sockets;

/// <summary>
/// A socket of AF_UNIX (unix(7)). What was sent to it waits in a ring of its own, which <c>_queueLock</c> guards; what it has sent and nobody has received is charged to it (<see cref="Used"/>), wherever it waits.
/// State, peer and shutdown are words that are read without a lock; what must not be overtaken by a message changes under <c>_queueLock</c>. Two of these locks are never held together.
/// </summary>
internal abstract partial class UnixSocket : Socket
{
    private static readonly LockClass s_class = LockClasses.Register("socket");

    // Binding and listening. Before _queueLock.
    private readonly Mutex _lock = new("socket", s_class);

    [Atomic]
    private int _state;

    [Atomic]
    private int _shutdown;

    [Atomic]
    private UnixSocket? _peer;

    [Atomic]
    private PeerIdentity? _peerIdentity;

    // Bytes, and what they cost, that were sent and not received.
    [Atomic]
    private int _used;

    protected UnixSocket(int type)
        : base(AddressFamily.Unix, type, protocol: 0)
    {
        UnixSockets.Add(this);
    }

    /// <summary>Told when there is something to receive, and of ends and errors.</summary>
    public PollQueue Readers { get; } = new("unix_stream_data_wait");

    /// <summary>Told when there is room to send, and of ends and errors.</summary>
    public PollQueue Writers { get; } = new("sock_wait_for_wmem");

    /// <summary>What it is doing. Outdated at once. Any context.</summary>
    public SocketState State
    {
        get => (SocketState)Volatile.Read(ref _state);
        protected set => Volatile.Write(ref _state, (int)value);
    }

    /// <summary>Directions that have ended. Any context.</summary>
    public SocketShutdown Ended => (SocketShutdown)Volatile.Read(ref _shutdown);

    /// <summary>Where it sends to without an address: of a connection the other end for good, of a datagram socket whatever connect(2) said last. Any context.</summary>
    public UnixSocket? Partner
    {
        get => Volatile.Read(ref _peer);
        protected set => Volatile.Write(ref _peer, value);
    }

    /// <summary>Bytes and costs that are charged to it now (SIOCOUTQ). Any context.</summary>
    public int Used => Volatile.Read(ref _used);

    /// <summary>It may send without waiting, and there is room enough for that to be worth a wake-up: three quarters are free. Any context.</summary>
    public bool IsWritable => State != SocketState.Listening && (long)Used * 4 <= Options.SendBuffer;

    /// <inheritdoc/>
    internal override bool IsListening => State == SocketState.Listening;

    /// <inheritdoc/>
    internal override PeerIdentity? Peer => Volatile.Read(ref _peerIdentity);

    /// <summary>Makes a socket of a type.</summary>
    /// <returns>Null: there is no such type.</returns>
    public static UnixSocket? Create(int type) => type switch
    {
        SocketType.Stream => new UnixStream(),
        SocketType.Datagram or SocketType.Raw => new UnixDatagram(),
        SocketType.SequencedPacket => new UnixPacket(),
        _ => null,
    };

    /// <inheritdoc/>
    public override Errno Pair(Socket other)
    {
        var end = (UnixSocket)other;
        PeerIdentity identity = PeerIdentity.Current;
        SetIdentity(identity);
        end.SetIdentity(identity);
        Partner = end;
        end.Partner = this;
        State = SocketState.Connected;
        end.State = SocketState.Connected;
        return Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Shutdown(int how)
    {
        const int Most = 2;
        if ((uint)how > Most)
        {
            return Errno.EINVAL;
        }

        var ends = (SocketShutdown)(how + 1);
        End(ends, Errno.Ok);
        if (Type != SocketType.Datagram && Partner is { } partner)
        {
            SocketShutdown others = SocketShutdown.None;
            others |= (ends & SocketShutdown.Receive) != 0 ? SocketShutdown.Send : SocketShutdown.None;
            others |= (ends & SocketShutdown.Send) != 0 ? SocketShutdown.Receive : SocketShutdown.None;
            partner.End(others, Errno.Ok);
        }

        return Errno.Ok;
    }

    /// <summary>Ends directions of this socket, and tells everybody who waits. Task context.</summary>
    /// <param name="ends">Which.</param>
    /// <param name="error">What the next operation gives.</param>
    [MightSleep]
    public void End(SocketShutdown ends, Errno error)
    {
        // Under the lock: who sends looks at it there, so nothing comes after the end.
        using (_queueLock.Enter())
        {
            Interlocked.Or(ref _shutdown, (int)ends);
            if (error != Errno.Ok)
            {
                SetError(error);
            }
        }

        PollEvents events = Ended == SocketShutdown.Both ? PollEvents.HangUp : PollEvents.None;
        events |= error != Errno.Ok ? PollEvents.Error : PollEvents.None;
        TellEverybody(events | PollEvents.Readable | PollEvents.ReadHangUp | PollEvents.Writable);
    }

    /// <summary>Something has changed that all who wait must look at. Any context but NMI; the change is visible before.</summary>
    [NoAllocation]
    public void TellEverybody(PollEvents events)
    {
        Readers.WakeAll(events);
        Writers.WakeAll(events);
        Room.WakeAll();
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Control(uint request) => request switch
    {
        SocketRequest.BytesToRead => State == SocketState.Listening ? -(long)Errno.EINVAL : CountBytes(ofFirstMessage: Type == SocketType.Datagram),
        SocketRequest.BytesSent => Used,
        SocketRequest.AtMark => IsAtMark() ? 1 : 0,
        _ => -(long)Errno.ENOTTY,
    };

    /// <summary>Those who were polled for room to send to this one are told that there is some.</summary>
    private protected virtual void TellSendersThatPoll()
    {
    }

    /// <inheritdoc/>
    internal override void SendBufferChanged() => Writers.WakeAll(PollEvents.Writable);

    /// <summary>Charges it for what it has sent. Any context.</summary>
    [NoAllocation]
    public void Charge(int charge) => Interlocked.Add(ref _used, charge);

    /// <summary>What it has sent was received, or is lost. Wakes senders once three quarters of the buffer are free: in between each would send a little and wait again. Any context but NMI.</summary>
    [NoAllocation]
    public void Discharge(int charge)
    {
        int used = Interlocked.Add(ref _used, -charge);
        long size = Options.SendBuffer;
        if ((long)used * 4 <= size && ((long)used + charge) * 4 > size)
        {
            Writers.Wake(PollEvents.Writable);
        }
    }

    /// <summary>Waits until there is room in the send buffer.</summary>
    /// <param name="waits">False only looks.</param>
    /// <param name="deadline">Until when, on the monotonic clock; the caller's for the whole operation.</param>
    /// <returns>Ok; EAGAIN; ERESTARTSYS or EINTR; EPIPE: nothing can be sent any more; or the socket's error.</returns>
    [MightSleep]
    protected Errno AwaitSendRoom(bool waits, ulong deadline)
    {
        if (Used < Options.SendBuffer && !HasError && (Ended & SocketShutdown.Send) == 0)
        {
            return Errno.Ok;
        }

        while (true)
        {
            if (TakeError() is var error && error != Errno.Ok)
            {
                return error;
            }

            if ((Ended & SocketShutdown.Send) != 0)
            {
                return Errno.EPIPE;
            }

            if (Used < Options.SendBuffer)
            {
                return Errno.Ok;
            }

            if (!waits)
            {
                return Errno.EAGAIN;
            }

            using WaitQueue.Wait wait = Writers.Begin(deadline);
            wait.Prepare();
            if (Used < Options.SendBuffer || HasError || (Ended & SocketShutdown.Send) != 0)
            {
                continue;
            }

            switch (wait.Sleep())
            {
                case WaitResult.Interrupted:
                    return InterruptedBy(deadline);
                case WaitResult.TimedOut:
                    waits = false;
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>What a wait gives that a signal ended: with a timeout it is not begun anew (signal(7)).</summary>
    protected static Errno InterruptedBy(ulong deadline) => deadline == Scheduler.Never ? Errno.ERESTARTSYS : Errno.EINTR;

    /// <summary>Sends SIGPIPE, unless told otherwise.</summary>
    protected static void SignalBrokenPipe(MessageFlags flags)
    {
        if ((flags & MessageFlags.NoSignal) == 0)
        {
            FileServices.Instance?.SignalBrokenPipe();
        }
    }

    /// <summary>Takes the state from one to another, if it is still that.</summary>
    /// <returns>What it was.</returns>
    [NoAllocation]
    protected SocketState ChangeState(SocketState from, SocketState to) => (SocketState)Interlocked.CompareExchange(ref _state, (int)to, (int)from);

    /// <summary>Says who stands at the other end.</summary>
    protected void SetIdentity(PeerIdentity? identity) => Volatile.Write(ref _peerIdentity, identity);

    /// <summary>Replaces the partner, if it is still that.</summary>
    [NoAllocation]
    protected bool ReplacePartner(UnixSocket? from, UnixSocket? to) => ReferenceEquals(Interlocked.CompareExchange(ref _peer, to, from), from);
}
