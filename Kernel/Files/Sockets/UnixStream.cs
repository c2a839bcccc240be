using System;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Sockets;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Polling;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Sockets;

/// <summary>SOCK_STREAM: bytes in order, without borders. One of them at a time may be urgent (MSG_OOB).</summary>
internal sealed class UnixStream() : UnixConnection(SocketType.Stream)
{
    // Bytes that are put into the queue under one hold of its lock.
    private const int LargestPart = 4 * 4096;

    // Two parts fill a send buffer, so that sender and receiver work at the same time; and what is not for bytes.
    private const int PartOverhead = 64;

    /// <inheritdoc/>
    [MightSleep]
    public override long Send(ref DataSource from, ref OutgoingMessage message, MessageFlags flags)
    {
        if (!message.Address.IsEmpty)
        {
            return -(long)(State == SocketState.Connected ? Errno.EISCONN : Errno.EOPNOTSUPP);
        }

        if (Partner is not { } partner)
        {
            return -(long)Errno.ENOTCONN;
        }

        bool isUrgent = (flags & MessageFlags.OutOfBand) != 0;
        if (isUrgent && from.Remaining == 0)
        {
            return -(long)Errno.EOPNOTSUPP;
        }

        if ((Ended & SocketShutdown.Send) != 0)
        {
            SignalBrokenPipe(flags);
            return -(long)Errno.EPIPE;
        }

        bool waits = (flags & MessageFlags.DontWait) == 0;
        ulong deadline = waits ? SocketOptions.DeadlineOf(Options.SendTimeout) : 0;
        long ordinary = from.Remaining - (isUrgent ? 1 : 0);
        long total = 0;
        Errno error = Errno.Ok;
        while (total < ordinary && error == Errno.Ok)
        {
            error = AwaitSendRoom(waits, deadline);
            if (error == Errno.Ok)
            {
                int part = (int)Math.Min(ordinary - total, Math.Min((Options.SendBuffer / 2) - PartOverhead, LargestPart));
                error = Pass(partner, ref from, part, ref message, isUrgent: false, flags, isFirst: total == 0);
                total += error == Errno.Ok ? part : 0;
            }
        }

        if (isUrgent && error == Errno.Ok)
        {
            error = AwaitSendRoom(waits, deadline);
            error = error == Errno.Ok ? Pass(partner, ref from, 1, ref message, isUrgent: true, flags, isFirst: total == 0) : error;
            total += error == Errno.Ok ? 1 : 0;
        }

        return total > 0 ? total : -(long)error;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Receive(ref DataSink to, ref IncomingMessage message, MessageFlags flags)
    {
        if (State != SocketState.Connected)
        {
            return -(long)Errno.EINVAL;
        }

        return (flags & MessageFlags.OutOfBand) != 0 ? ReceiveUrgent(ref to, ref message, flags) : ReceiveBytes(ref to, ref message, flags);
    }

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
        events |= HasUrgent ? PollEvents.Priority : PollEvents.None;
        events |= IsWritable ? PollEvents.Writable | PollEvents.WriteBand : PollEvents.None;
        return events;
    }

    /// <inheritdoc/>
    protected override UnixConnection MakeEnd() => new UnixStream();

    // Puts a part into the other end's queue.
    [MightSleep]
    private Errno Pass(UnixSocket partner, ref DataSource from, int part, ref OutgoingMessage message, bool isUrgent, MessageFlags flags, bool isFirst)
    {
        MessageExtra? extra = DescribeMessage(partner, message);
        Errno error = isUrgent ? partner.DeliverUrgent(ref from, this, extra) : partner.Deliver(ref from, part, this, extra, isMessage: false, isLimited: false);
        if (error == Errno.Ok)
        {
            // The descriptors have gone with the first bytes.
            message.Files = null;
            if (isUrgent && partner.File is { Owner: { Target: not null } owner })
            {
                FileServices.Instance?.SignalOwner(owner, Signal.SIGURG);
            }
        }
        else if (error is Errno.EPIPE or Errno.ECONNREFUSED)
        {
            error = Errno.EPIPE;
            if (isFirst)
            {
                SignalBrokenPipe(flags);
            }
        }

        return error;
    }
}
