using System;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Sockets;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Files.Sockets;

// What datagrams and sequenced packets do with the queue: whole messages.
internal abstract partial class UnixSocket
{
    // What Linux takes from a send buffer for a message's own needs: a message is smaller by this.
    private const int MessageOverhead = 32;

    /// <summary>A message of so many bytes can be sent at all.</summary>
    protected bool IsTooLong(long bytes) => bytes > Options.SendBuffer - MessageOverhead;

    /// <summary>Receives one message.</summary>
    [MightSleep]
    protected long ReceiveMessage(ref DataSink to, ref IncomingMessage message, MessageFlags flags)
    {
        if ((flags & MessageFlags.OutOfBand) != 0)
        {
            return -(long)Errno.EOPNOTSUPP;
        }

        bool peeks = (flags & MessageFlags.Peek) != 0;
        bool waits = (flags & MessageFlags.DontWait) == 0;
        ulong deadline = waits ? SocketOptions.DeadlineOf(Options.ReceiveTimeout) : 0;
        bool isCounted = false;
        bool isBehind = false;
        while (true)
        {
            var found = default(FoundMessage);
            Errno error;
            bool isDone;
            bool wakes;
            bool wakesSender = false;
            uint seen;
            using (_queueLock.Enter())
            {
                if (isCounted)
                {
                    _sleepers--;
                    _sleepersBehind -= isBehind ? 1 : 0;
                }

                bool wasFull = _ring.Messages > _mostMessages;
                error = TakeError();
                isDone = error != Errno.Ok || TakeMessage(ref to, ref message, ref found, flags);
                if (!isDone && (Ended & SocketShutdown.Receive) != 0)
                {
                    // The end; but a datagram socket that does not wait is told that there is nothing (recv(2) of Linux).
                    isDone = true;
                    error = waits || Type == SocketType.SequencedPacket ? Errno.Ok : Errno.EAGAIN;
                }
                else if (!isDone && !waits)
                {
                    isDone = true;
                    error = Errno.EAGAIN;
                }

                isCounted = !isDone;
                isBehind = isCounted && _ring.Count != 0;
                _sleepers += isCounted ? 1 : 0;
                _sleepersBehind += isBehind ? 1 : 0;
                seen = _arrivals;
                wakes = _sleepers != 0 && isDone && _ring.Count != 0;
                wakesSender = wasFull && _ring.Messages <= _mostMessages;
                wakesSender |= found.Charge != 0 && _sleepersForRoom != 0 && _ring.Messages <= _mostMessages;
                NoteState();
            }

            if (found.Charge != 0)
            {
                found.Sender!.Discharge(found.Charge);
            }

            if (wakesSender)
            {
                Room.WakeOne();
                TellSendersThatPoll();
            }

            if (wakes)
            {
                Readers.Wake(PollEvents.Readable);
            }

            if (isDone)
            {
                return FinishMessage(ref message, found, error, flags);
            }

            WaitResult result = AwaitArrival(seen, deadline);
            if (result == WaitResult.Interrupted)
            {
                StopWaiting(isBehind);
                return -(long)InterruptedBy(deadline);
            }

            waits &= result == WaitResult.Woken;
        }
    }

    private long FinishMessage(ref IncomingMessage message, in FoundMessage found, Errno error, MessageFlags flags)
    {
        bool peeks = (flags & MessageFlags.Peek) != 0;
        if (error != Errno.Ok || !found.IsFound)
        {
            return -(long)error;
        }

        FinishFiles(ref message, peeks);
        if (found.IsFaulted)
        {
            // The message is lost, and its descriptors with it.
            message.Files?.Release();
            message.Files = null;
            return -(long)Errno.EFAULT;
        }

        if (Options.PeekOffset is >= 0 and var offset)
        {
            Options.PeekOffset = peeks ? offset + found.Copied : Math.Max(offset - found.Bytes, 0);
        }

        message.TimestampOption = Options.TimestampOption;
        if (message.TimestampOption != 0 && message.Timestamp == 0)
        {
            message.Timestamp = Machine.Time.Clock.RealtimeNanoseconds;
        }

        return (flags & MessageFlags.Truncated) != 0 ? found.Bytes - found.Skipped : found.Copied;
    }

    // Takes the first message, or looks at the one where MSG_PEEK looks. False: there is none.
    [RequiresLock(nameof(_queueLock))]
    [MightSleep]
    private bool TakeMessage(ref DataSink to, ref IncomingMessage message, ref FoundMessage found, MessageFlags flags)
    {
        bool peeks = (flags & MessageFlags.Peek) != 0;
        int skip = peeks ? Math.Max(Options.PeekOffset, 0) : 0;
        int number = 0;
        int bytes;
        while (true)
        {
            if (number >= _ring.Count)
            {
                return false;
            }

            int last = _ring.EndOfMessage(number, out bytes);
            if (skip < bytes || skip == 0)
            {
                break;
            }

            skip -= bytes;
            number = last + 1;
        }

        ref MessageRing.Segment first = ref _ring.At(number);
        int count = (int)Math.Min(bytes - skip, to.Remaining);
        found.IsFound = true;
        found.Bytes = bytes;
        found.Skipped = skip;
        found.Copied = count;
        found.Sender = first.Sender;
        found.IsFaulted = !_ring.Copy(ref to, number, skip, count);
        message.Flags |= count < bytes - skip ? MessageFlags.Truncated : MessageFlags.None;
        message.Address = first.Sender.Address;
        MessageExtra? extra = first.Extra;
        message.Timestamp = extra?.Timestamp ?? 0;
        if (Options.Has(SocketOption.PassCredentials))
        {
            message.Identity = extra?.Identity ?? UserIdentity.Unknown;
        }

        if (peeks)
        {
            message.Files = extra?.Files is { } files && !found.IsFaulted ? FilesInFlight.Duplicate(files) : null;
            return true;
        }

        message.Files = TakeFiles(extra);
        bool isLast;
        do
        {
            isLast = _ring.At(0).IsLast;
            found.Charge += _ring.RemoveFirst();
        }
        while (!isLast);
        return true;
    }

    private struct FoundMessage
    {
        public UnixSocket? Sender;
        public int Bytes;
        public int Skipped;
        public int Copied;
        public int Charge;
        public bool IsFound;
        public bool IsFaulted;
    }
}
