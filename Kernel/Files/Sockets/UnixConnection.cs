using System;
using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Sockets;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Sockets;

/// <summary>
/// A socket with connections: a stream or sequenced packets. It listens, or it is one end. The end at the listener's side is made by who connects, and waits in the listener's queue until it is accepted.
/// </summary>
internal abstract class UnixConnection : UnixSocket
{
    private static readonly LockClass s_class = LockClasses.Register("listening socket");

    // Who listens: what follows. Held alone.
    private readonly Mutex _listenLock = new("listening socket", s_class);

    // Connections that wait to be accepted; made by listen(2).
    [GuardedBy(nameof(_listenLock))]
    private Queue<UnixConnection>? _waiting;

    [GuardedBy(nameof(_listenLock), LockFreeReads = true)]
    private int _waitingCount;

    // Linux admits one more than the backlog says.
    [GuardedBy(nameof(_listenLock), LockFreeReads = true)]
    private int _backlog;

    protected UnixConnection(int type)
        : base(type)
    {
    }

    /// <summary>Something waits to be accepted. Outdated at once.</summary>
    protected bool HasWaiting => Volatile.Read(ref _waitingCount) != 0;

    private bool HasBacklogRoom => Volatile.Read(ref _waitingCount) <= Volatile.Read(ref _backlog);

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Listen(int backlog)
    {
        if (Address is null)
        {
            return Errno.EINVAL;
        }

        using (_listenLock.Enter())
        {
            SocketState old = ChangeState(SocketState.Unconnected, SocketState.Listening);
            if (old is not (SocketState.Unconnected or SocketState.Listening))
            {
                return Errno.EINVAL;
            }

            _waiting ??= [];
            Volatile.Write(ref _backlog, backlog);
            SetIdentity(PeerIdentity.Current);
        }

        // The backlog may have become longer.
        Room.WakeAll();
        return Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Accept(bool waits, out Socket? accepted)
    {
        accepted = null;
        ulong deadline = SocketOptions.DeadlineOf(Options.ReceiveTimeout);
        while (true)
        {
            UnixConnection? taken = null;
            bool isMore;
            using (_listenLock.Enter())
            {
                if (State != SocketState.Listening)
                {
                    return Errno.EINVAL;
                }

                _waiting!.TryDequeue(out taken);
                Volatile.Write(ref _waitingCount, _waiting.Count);
                isMore = _waiting.Count != 0;
            }

            if (taken is not null)
            {
                Room.WakeOne();
                if (isMore)
                {
                    Readers.Wake(PollEvents.Readable);
                }

                taken.Options.Set(SocketOption.PassCredentials, Options.Has(SocketOption.PassCredentials));
                taken.Options.Set(SocketOption.PassSecurity, Options.Has(SocketOption.PassSecurity));
                accepted = taken;
                return Errno.Ok;
            }

            if (TakeError() is var error && error != Errno.Ok)
            {
                return error;
            }

            if ((Ended & SocketShutdown.Receive) != 0)
            {
                return Errno.EINVAL;
            }

            if (!waits)
            {
                return Errno.EAGAIN;
            }

            using WaitQueue.Wait wait = Readers.Begin(deadline, WaitMode.Interruptible, exclusive: true);
            wait.Prepare();
            if (HasWaiting || HasError || (Ended & SocketShutdown.Receive) != 0)
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

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Connect(in PathWalk walk, ReadOnlySpan<byte> address, bool waits)
    {
        Errno error = CheckAddress(address);
        error = error == Errno.Ok ? BindIfPassingCredentials() : error;
        if (error != Errno.Ok)
        {
            return error;
        }

        ulong deadline = SocketOptions.DeadlineOf(Options.SendTimeout);
        UnixConnection? end = null;
        UnixSocket? waitedFor = null;
        while (true)
        {
            error = Find(walk, address, out UnixSocket? found);
            if (error == Errno.Ok)
            {
                end ??= MakeEnd();
                error = ((UnixConnection)found!).Offer(this, end);
                if (error == Errno.EAGAIN && waits)
                {
                    waitedFor = found;
                    error = ((UnixConnection)found).AwaitBacklog(deadline);
                    if (error is Errno.Ok or Errno.EAGAIN)
                    {
                        waits = error == Errno.Ok;
                        continue;
                    }
                }
            }

            // A listener that is being closed was found: look again whether there is another one.
            if (error == Errno.ERESTART)
            {
                continue;
            }

            if (error != Errno.Ok)
            {
                end?.Close();

                // It may have been woken for the room that another one waits for.
                waitedFor?.Room.WakeOne();
            }

            return error;
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Close() => CloseConnection(isEmbryo: false);

    /// <inheritdoc/>
    [RequiresLock(typeof(FilesInFlight), "s_lock")]
    [MightSleep]
    public override void VisitFiles(bool reaches)
    {
        base.VisitFiles(reaches);
        foreach (UnixConnection end in GetWaiting())
        {
            end.VisitFiles(reaches);
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void TakeAllFiles(ref PassedFiles? taken)
    {
        base.TakeAllFiles(ref taken);
        foreach (UnixConnection end in GetWaiting())
        {
            end.TakeAllFiles(ref taken);
        }
    }

    /// <summary>Makes a socket of the same type, for the other side of a connection.</summary>
    protected abstract UnixConnection MakeEnd();

    // Takes a connection into the queue. The other end is nobody's yet.
    [MightSleep]
    private Errno Offer(UnixConnection client, UnixConnection end)
    {
        using (_listenLock.Enter())
        {
            switch (State)
            {
                case SocketState.Listening:
                    break;
                case SocketState.Dead:
                    return Errno.ERESTART;
                default:
                    return Errno.ECONNREFUSED;
            }

            if ((Ended & SocketShutdown.Receive) != 0)
            {
                return Errno.ECONNREFUSED;
            }

            if (!HasBacklogRoom)
            {
                return Errno.EAGAIN;
            }

            // Room first: nothing must fail by an exception once the client has begun.
            _waiting!.EnsureCapacity(_waiting.Count + 1);
            switch (client.ChangeState(SocketState.Unconnected, SocketState.Connecting))
            {
                case SocketState.Unconnected:
                    break;
                case SocketState.Connecting:
                case SocketState.Connected:
                    return Errno.EISCONN;
                default:
                    return Errno.EINVAL;
            }

            end.Join(client, Address);
            client.SetIdentity(Peer);
            client.Partner = end;
            client.State = SocketState.Connected;
            _waiting.Enqueue(end);
            Volatile.Write(ref _waitingCount, _waiting.Count);
        }

        Readers.Wake(PollEvents.Readable);

        // The client can be written to now.
        client.Writers.Wake(PollEvents.Writable);
        return Errno.Ok;
    }

    [MightSleep]
    private void Join(UnixConnection client, byte[]? address)
    {
        InheritAddress(address);
        SetIdentity(PeerIdentity.Current);
        Partner = client;
        State = SocketState.Connected;
    }

    // Ok: look again; EAGAIN: the deadline.
    [MightSleep]
    private Errno AwaitBacklog(ulong deadline)
    {
        using WaitQueue.Wait wait = Room.Begin(deadline, WaitMode.Interruptible, exclusive: true);
        wait.Prepare();
        if (HasBacklogRoom || State != SocketState.Listening || (Ended & SocketShutdown.Receive) != 0)
        {
            return Errno.Ok;
        }

        return wait.Sleep() switch
        {
            WaitResult.Interrupted => InterruptedBy(deadline),
            WaitResult.TimedOut => Errno.EAGAIN,
            _ => Errno.Ok,
        };
    }

    [MightSleep]
    private UnixConnection[] GetWaiting()
    {
        using (_listenLock.Enter())
        {
            return _waiting?.ToArray() ?? [];
        }
    }

    [MightSleep]
    private void CloseConnection(bool isEmbryo)
    {
        Queue<UnixConnection>? waiting;
        Unbind();
        using (_listenLock.Enter())
        {
            waiting = _waiting;
            _waiting = null;
            Volatile.Write(ref _waitingCount, 0);
            State = SocketState.Dead;
        }

        bool hadData = Leave();
        Partner?.End(SocketShutdown.Both, hadData || isEmbryo ? Errno.ECONNRESET : Errno.Ok);
        while (waiting is not null && waiting.TryDequeue(out UnixConnection? end))
        {
            end.CloseConnection(isEmbryo: true);
        }

        if (!isEmbryo)
        {
            FilesInFlight.NoteClosed();
        }
    }
}
