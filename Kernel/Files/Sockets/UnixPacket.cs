using System;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Sockets;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Sockets;

/// <summary>SOCK_SEQPACKET: whole messages over a connection.</summary>
internal sealed class UnixPacket() : UnixConnection(SocketType.SequencedPacket)
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Send(ref DataSource from, ref OutgoingMessage message, MessageFlags flags)
    {
        if (TakeError() is var pending && pending != Errno.Ok)
        {
            return -(long)pending;
        }

        // An address means nothing here.
        if (State != SocketState.Connected || Partner is not { } partner)
        {
            return -(long)Errno.ENOTCONN;
        }

        if ((flags & MessageFlags.OutOfBand) != 0)
        {
            return -(long)Errno.EOPNOTSUPP;
        }

        long count = from.Remaining;
        if (IsTooLong(count))
        {
            return -(long)Errno.EMSGSIZE;
        }

        bool waits = (flags & MessageFlags.DontWait) == 0;
        Errno error = AwaitSendRoom(waits, waits ? SocketOptions.DeadlineOf(Options.SendTimeout) : 0);
        if (error == Errno.Ok)
        {
            error = partner.Deliver(ref from, (int)count, this, DescribeMessage(partner, message), isMessage: true, isLimited: false);
        }

        if (error != Errno.Ok)
        {
            return -(long)(error == Errno.ECONNREFUSED ? Errno.EPIPE : error);
        }

        message.Files = null;
        return count;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Receive(ref DataSink to, ref IncomingMessage message, MessageFlags flags) =>
        State == SocketState.Connected ? ReceiveMessage(ref to, ref message, flags) : -(long)Errno.ENOTCONN;

    /// <inheritdoc/>
    public override PollEvents Poll(PollWatcher? watcher)
    {
        Readers.Attach(watcher);
        Writers.Attach(watcher);
        SocketShutdown ended = Ended;
        PollEvents events = HasError ? PollEvents.Error : PollEvents.None;
        events |= ended == SocketShutdown.Both || State == SocketState.Unconnected ? PollEvents.HangUp : PollEvents.None;
        events |= (ended & SocketShutdown.Receive) != 0 ? PollEvents.ReadHangUp | PollEvents.Readable : PollEvents.None;
        events |= HasData || HasWaiting ? PollEvents.Readable : PollEvents.None;
        events |= IsWritable ? PollEvents.Writable | PollEvents.WriteBand : PollEvents.None;
        return events;
    }

    /// <inheritdoc/>
    protected override UnixConnection MakeEnd() => new UnixPacket();
}
