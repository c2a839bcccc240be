using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Sockets;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Files.Sockets;

// What a stream does with its queue: bytes, and the urgent one.
internal abstract partial class UnixSocket
{
    private const long NoUrgent = -1;

    // The number of the segment that has the urgent byte, counted from the beginning of the ring's life; the byte may have been received already, then its empty segment still marks where it was.
    [GuardedBy(nameof(_queueLock), LockFreeReads = true)]
    private long _urgent = NoUrgent;

    /// <summary>There is an urgent byte that was not received. Outdated at once.</summary>
    protected bool HasUrgent => Volatile.Read(ref _urgent) != NoUrgent;

    /// <summary>Puts an urgent byte into the queue. One that is there already becomes an ordinary one.</summary>
    /// <returns>As <see cref="Deliver"/>.</returns>
    [MightSleep]
    public Errno DeliverUrgent(ref DataSource from, UnixSocket sender, MessageExtra? extra)
    {
        using (_queueLock.Enter())
        {
            if ((Ended & SocketShutdown.Receive) != 0)
            {
                return Errno.EPIPE;
            }

            Errno error = _ring.AppendMark(ref from, sender, extra, out int charge);
            if (error != Errno.Ok)
            {
                return error;
            }

            sender.Charge(charge);
            Volatile.Write(ref _urgent, _ring.Removed + _ring.Count - 1);
            NoteArrival();
        }

        Readers.WakeAll(PollEvents.Readable | PollEvents.Priority);
        return Errno.Ok;
    }

    /// <summary>The next byte is the urgent one (SIOCATMARK).</summary>
    [MightSleep]
    protected bool IsAtMark()
    {
        using (_queueLock.Enter())
        {
            return _ring.Count != 0 && _urgent == _ring.Removed;
        }
    }

    /// <summary>Bytes that can be received now; of messages those of the first one (SIOCINQ).</summary>
    [MightSleep]
    protected long CountBytes(bool ofFirstMessage)
    {
        using (_queueLock.Enter())
        {
            if (!ofFirstMessage || _ring.Count == 0)
            {
                return _ring.Bytes;
            }

            _ring.EndOfMessage(0, out int bytes);
            return bytes;
        }
    }

    /// <summary>Receives the urgent byte.</summary>
    [MightSleep]
    protected long ReceiveUrgent(ref DataSink to, ref IncomingMessage message, MessageFlags flags)
    {
        bool peeks = (flags & MessageFlags.Peek) != 0;
        UnixSocket? sender = null;
        int charge = 0;
        using (_queueLock.Enter())
        {
            if (_urgent == NoUrgent || Options.Has(SocketOption.OutOfBandInline))
            {
                return -(long)Errno.EINVAL;
            }

            int number = (int)(_urgent - _ring.Removed);
            ref MessageRing.Segment segment = ref _ring.At(number);
            bool isTaken = to.Remaining == 0 || _ring.Copy(ref to, number, 0, 1);
            if (!peeks)
            {
                Volatile.Write(ref _urgent, NoUrgent);
                sender = segment.Sender;
                charge = _ring.ConsumeMark(ref segment);
            }

            if (!isTaken)
            {
                return -(long)Errno.EFAULT;
            }
        }

        sender?.Discharge(charge);
        message.Flags |= MessageFlags.OutOfBand;
        return 1;
    }

    /// <summary>Receives bytes in order.</summary>
    [MightSleep]
    protected long ReceiveBytes(ref DataSink to, ref IncomingMessage message, MessageFlags flags)
    {
        bool peeks = (flags & MessageFlags.Peek) != 0;
        bool waits = (flags & MessageFlags.DontWait) == 0;
        long target = (flags & MessageFlags.WaitAll) != 0 ? to.Remaining : Math.Min(Options.LowWater, to.Remaining);
        target = Math.Max(target, 1);
        ulong deadline = waits ? SocketOptions.DeadlineOf(Options.ReceiveTimeout) : 0;
        int skip = peeks ? Math.Max(Options.PeekOffset, 0) : 0;
        StreamProgress progress = default;
        bool isCounted = false;
        bool isBehind = false;
        Errno error;
        while (true)
        {
            bool isDone;
            bool wakes;
            uint seen;
            using (_queueLock.Enter())
            {
                if (isCounted)
                {
                    _sleepers--;
                    _sleepersBehind -= isBehind ? 1 : 0;
                }

                progress.Skip = skip;
                bool isMore = ReadSegments(ref to, ref message, ref progress, flags);
                isDone = isMore || progress.Copied >= target || (peeks && progress.Copied > 0);
                error = Errno.Ok;
                if (!isDone)
                {
                    error = TakeError();
                    isDone = error != Errno.Ok || (Ended & SocketShutdown.Receive) != 0;
                    if (!isDone && !waits)
                    {
                        error = Errno.EAGAIN;
                        isDone = true;
                    }
                }

                isCounted = !isDone;
                isBehind = isCounted && _ring.Count != 0;
                _sleepers += isCounted ? 1 : 0;
                _sleepersBehind += isBehind ? 1 : 0;
                seen = _arrivals;

                // One sleeper was woken for what came; if something is left, the next one is to have it.
                wakes = _sleepers != 0 && isDone && _ring.Count != 0;
                NoteState();
            }

            Settle(ref progress);
            if (wakes)
            {
                Readers.Wake(PollEvents.Readable);
            }

            if (isDone)
            {
                break;
            }

            WaitResult result = AwaitArrival(seen, deadline);
            if (result == WaitResult.Woken)
            {
                continue;
            }

            // Something may have come meanwhile: once more, without waiting. Only a signal is told at once.
            waits = false;
            if (result == WaitResult.Interrupted)
            {
                StopWaiting(isBehind);
                error = InterruptedBy(deadline);
                break;
            }
        }

        if (Options.PeekOffset >= 0 && progress.Copied > 0)
        {
            Options.PeekOffset = peeks ? Options.PeekOffset + (int)progress.Copied : (int)Math.Max(Options.PeekOffset - progress.Copied, 0);
        }

        FinishFiles(ref message, peeks);
        return progress.Copied > 0 ? progress.Copied : progress.Faulted ? -(long)Errno.EFAULT : -(long)error;
    }

    // Takes itself off those that wait, and passes on a wake-up that it may have got.
    [MightSleep]
    private void StopWaiting(bool isBehind)
    {
        bool wakes;
        using (_queueLock.Enter())
        {
            _sleepers--;
            _sleepersBehind -= isBehind ? 1 : 0;
            wakes = _sleepers != 0 && _ring.Count != 0;
        }

        if (wakes)
        {
            Readers.Wake(PollEvents.Readable);
        }
    }

    // What was received is no longer charged.
    private static void Settle(ref StreamProgress progress)
    {
        if (progress.Charge != 0)
        {
            progress.Sender!.Discharge(progress.Charge);
            progress.Charge = 0;
        }
    }

    // Files that were taken from a message are the receiver's now; those that were only looked at may be given out when no search is under way.
    [MightSleep]
    private static void FinishFiles(ref IncomingMessage message, bool peeked)
    {
        if (message.Files is not { } files)
        {
            return;
        }

        if (peeked)
        {
            FilesInFlight.AwaitSearch();
        }
        else
        {
            FilesInFlight.Remove(files);
        }
    }

    // Reads as much as goes together. Returns true if it stopped at something other than the end of the queue.
    [RequiresLock(nameof(_queueLock))]
    [MightSleep]
    private bool ReadSegments(ref DataSink to, ref IncomingMessage message, ref StreamProgress progress, MessageFlags flags)
    {
        bool peeks = (flags & MessageFlags.Peek) != 0;
        int number = 0;
        while (number < _ring.Count)
        {
            if (!peeks && DropMark(ref progress) is var stop && stop != MarkStop.None)
            {
                if (stop == MarkStop.Stop)
                {
                    return true;
                }

                continue;
            }

            ref MessageRing.Segment segment = ref _ring.At(number);
            if (peeks && _urgent == _ring.Removed + number && !Options.Has(SocketOption.OutOfBandInline))
            {
                if (progress.Copied != 0)
                {
                    return true;
                }

                number++;
                continue;
            }

            if (progress.Skip >= segment.Length)
            {
                progress.Skip -= segment.Length;
                number++;
                continue;
            }

            if (!TakeDescription(ref message, ref progress, segment.Extra, segment.Sender))
            {
                return true;
            }

            int part = (int)Math.Min(segment.Length - progress.Skip, to.Remaining);
            if (part != 0 && to.WritePage(segment.Page, segment.Offset + progress.Skip, part) is var done && done < part)
            {
                // As if the bytes before had been asked for alone, but only whole segments count (recv(2) of Linux).
                progress.Faulted = true;
                return true;
            }

            progress.Copied += part;
            PassedFiles? files = segment.Extra?.Files;
            if (peeks)
            {
                if (files is not null)
                {
                    message.Files = FilesInFlight.Duplicate(files);
                    return true;
                }

                progress.Skip = 0;
                number++;
            }
            else
            {
                message.Files = TakeFiles(segment.Extra) ?? message.Files;
                progress.Sender = segment.Sender;
                progress.Charge += _ring.Consume(part);
                if (files is not null)
                {
                    return true;
                }
            }

            if (to.Remaining == 0)
            {
                return true;
            }
        }

        return false;
    }

    // Bytes of different writers are never given together to who wants to know the writer.
    [RequiresLock(nameof(_queueLock))]
    private bool TakeDescription(ref IncomingMessage message, ref StreamProgress progress, MessageExtra? extra, UnixSocket sender)
    {
        if (Options.Has(SocketOption.PassCredentials))
        {
            UserIdentity identity = extra?.Identity ?? UserIdentity.Unknown;
            if (message.Identity is { } before && before != identity)
            {
                return false;
            }

            message.Identity = identity;
        }

        message.Address ??= sender.Address;
        return true;
    }

    // The urgent byte at the front: reading stops before it; then it is passed over, unless it is wanted in line.
    [RequiresLock(nameof(_queueLock))]
    private MarkStop DropMark(ref StreamProgress progress)
    {
        ref MessageRing.Segment first = ref _ring.At(0);
        bool isUrgent = _urgent == _ring.Removed;
        if (!isUrgent && (first.Length != 0 || !first.IsMark))
        {
            return MarkStop.None;
        }

        if (progress.Copied != 0)
        {
            return MarkStop.Stop;
        }

        if (isUrgent)
        {
            Volatile.Write(ref _urgent, NoUrgent);
            if (Options.Has(SocketOption.OutOfBandInline))
            {
                return MarkStop.None;
            }
        }

        progress.Sender = first.Sender;
        progress.Charge += _ring.RemoveFirst();
        return MarkStop.Dropped;
    }

    private enum MarkStop
    {
        None,
        Stop,
        Dropped,
    }

    private struct StreamProgress
    {
        public long Copied;
        public int Skip;
        public int Charge;
        public UnixSocket? Sender;
        public bool Faulted;
    }
}
