using System;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Sockets;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Sockets;

/// <summary>SOCK_DGRAM: whole messages, to whom each says, or to one partner.</summary>
internal sealed partial class UnixDatagram() : UnixSocket(SocketType.Datagram)
{
    /// <inheritdoc/>
    [MightSleep]
    public override Errno Listen(int backlog) => Errno.EOPNOTSUPP;

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Accept(bool waits, out Socket? accepted)
    {
        accepted = null;
        return Errno.EOPNOTSUPP;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Connect(in PathWalk walk, ReadOnlySpan<byte> address, bool waits)
    {
        int family = FamilyOf(address);
        if (family < 0)
        {
            return Errno.EINVAL;
        }

        if (family == AddressFamily.Unspecified)
        {
            ChangePartner(null);
            return Errno.Ok;
        }

        Errno error = CheckAddress(address);
        error = error == Errno.Ok ? BindIfPassingCredentials() : error;
        while (error == Errno.Ok)
        {
            error = Find(walk, address, out UnixSocket? found);
            if (error != Errno.Ok)
            {
                break;
            }

            if (found!.State == SocketState.Dead)
            {
                continue;
            }

            if (!TakesFrom(found))
            {
                return Errno.EPERM;
            }

            ChangePartner(found);
            break;
        }

        return error;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Send(ref DataSource from, ref OutgoingMessage message, MessageFlags flags)
    {
        if ((flags & MessageFlags.OutOfBand) != 0)
        {
            return -(long)Errno.EOPNOTSUPP;
        }

        bool hasAddress = !message.Address.IsEmpty;
        UnixSocket? to = hasAddress ? null : Partner;
        Errno error = hasAddress ? CheckAddress(message.Address) : to is null ? Errno.ENOTCONN : Errno.Ok;
        error = error == Errno.Ok ? BindIfPassingCredentials() : error;
        long count = from.Remaining;
        error = error == Errno.Ok && IsTooLong(count) ? Errno.EMSGSIZE : error;
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        bool waits = (flags & MessageFlags.DontWait) == 0;
        ulong deadline = waits ? SocketOptions.DeadlineOf(Options.SendTimeout) : 0;
        error = AwaitSendRoom(waits, deadline);
        while (error == Errno.Ok)
        {
            if (hasAddress)
            {
                error = Find(message.Walk, message.Address, out to);
                if (error != Errno.Ok)
                {
                    break;
                }
            }

            error = TakesFrom(to!) ? Pass(to!, ref from, (int)count, message, hasAddress) : Errno.EPERM;
            if (error == Errno.Ok)
            {
                message.Files = null;
                return count;
            }

            // It has too many messages already.
            if (error == Errno.EAGAIN && waits)
            {
                error = to!.AwaitRoom(deadline);
            }
            else if (error == Errno.ERESTART)
            {
                error = Errno.Ok;
            }
        }

        return -(long)error;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Receive(ref DataSink to, ref IncomingMessage message, MessageFlags flags) => ReceiveMessage(ref to, ref message, flags);

    /// <inheritdoc/>
    public override PollEvents Poll(PollWatcher? watcher)
    {
        Readers.Attach(watcher);
        Writers.Attach(watcher);
        SocketShutdown ended = Ended;
        PollEvents events = HasError ? PollEvents.Error : PollEvents.None;
        events |= ended == SocketShutdown.Both ? PollEvents.HangUp : PollEvents.None;
        events |= (ended & SocketShutdown.Receive) != 0 ? PollEvents.ReadHangUp | PollEvents.Readable : PollEvents.None;
        events |= HasData ? PollEvents.Readable : PollEvents.None;
        if (IsWritable && !MustWaitFor(Partner))
        {
            events |= PollEvents.Writable | PollEvents.WriteBand;
        }

        return events;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Close()
    {
        Unbind();
        State = SocketState.Dead;
        Leave();
        TellSendersThatPoll();
        PolledSenders.Leave(this);
        FilesInFlight.NoteClosed();
    }

    // A socket with a partner takes messages from that one only.
    private bool TakesFrom(UnixSocket other) => other.Partner is not { } partner || ReferenceEquals(partner, this);

    // Puts the message into the other's queue.
    [MightSleep]
    private Errno Pass(UnixSocket to, ref DataSource from, int count, in OutgoingMessage message, bool hasAddress)
    {
        bool isLimited = !ReferenceEquals(to, this) && !ReferenceEquals(to.Partner, this);
        Errno error = to.Deliver(ref from, count, this, DescribeMessage(to, message), isMessage: true, isLimited);
        if (error != Errno.ECONNREFUSED)
        {
            return error;
        }

        // It is closed. A partner is one no longer; what was found by an address is looked for again.
        if (ReplacePartner(to, null))
        {
            ChangeState(SocketState.Connected, SocketState.Unconnected);
            LosePartner(to);
            return Errno.ECONNREFUSED;
        }

        return hasAddress ? Errno.ERESTART : Errno.ECONNRESET;
    }

    [MightSleep]
    private void ChangePartner(UnixSocket? to)
    {
        UnixSocket? old;
        do
        {
            old = Partner;
        }
        while (!ReplacePartner(old, to));

        if (to is not null)
        {
            ChangeState(SocketState.Unconnected, SocketState.Connected);
        }
        else
        {
            ChangeState(SocketState.Connected, SocketState.Unconnected);
        }

        PolledSenders.Leave(this);
        if (old is null || ReferenceEquals(old, to))
        {
            return;
        }

        Writers.WakeAll(PollEvents.Writable);
        LosePartner(old);
    }

    // What came from the partner before is lost, and the partner, if it was connected to this one, is told.
    [MightSleep]
    private void LosePartner(UnixSocket old)
    {
        if (HasData)
        {
            Purge(forGood: false);
            Room.WakeAll();
            if (old.State != SocketState.Dead && ReferenceEquals(old.Partner, this))
            {
                old.End(SocketShutdown.None, Errno.ECONNRESET);
            }
        }
    }

    // Whether it cannot send to its partner now; then it is told when it can.
    private bool MustWaitFor(UnixSocket? partner) =>
        partner is UnixDatagram to && !ReferenceEquals(to.Partner, this) && to.IsFull && PolledSenders.Join(this, to);
}
