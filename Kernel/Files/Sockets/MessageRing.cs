using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Files.Sockets;

/// <summary>
/// What was sent to a socket and not received: a ring of segments, each a part of a page. Bytes of a stream go behind those before them in the same page; messages begin a segment of their own, and share pages too. A
/// segment's page goes when the next segment has another one. No lock of its own; a byte that goes through allocates nothing once the ring has grown.
/// </summary>
[Owned]
internal sealed class MessageRing
{
    /// <summary>What a segment costs its sender beside its bytes: more than the memory that is kept for it.</summary>
    public const int SegmentCharge = 256;

    private const int SmallestRing = 8;
    private const int LongestIdleRing = 128;
    private Segment[] _segments = [];
    private int _first;

    // A page that was emptied, for the next message.
    private Page _spare;

    /// <summary>Segments that it has.</summary>
    public int Count { get; private set; }

    /// <summary>Messages that it has; 0 for a stream.</summary>
    public int Messages { get; private set; }

    /// <summary>Bytes that can be received.</summary>
    public long Bytes { get; private set; }

    /// <summary>Segments that have gone: the number of the first one that is there, counted from the beginning.</summary>
    public long Removed { get; private set; }

    /// <summary>A segment by its number from the front.</summary>
    public ref Segment At(int number)
    {
        int place = _first + number;
        return ref _segments[place < _segments.Length ? place : place - _segments.Length];
    }

    /// <summary>Adds bytes, or nothing at all.</summary>
    /// <param name="from">Where they come from.</param>
    /// <param name="count">How many; 0 only for messages.</param>
    /// <param name="sender">Who is charged.</param>
    /// <param name="extra">What goes with them, or null.</param>
    /// <param name="isMessage">They are one message; else bytes of a stream.</param>
    /// <param name="charge">What the sender is charged.</param>
    /// <returns>EFAULT; ENOMEM.</returns>
    [MightSleep]
    public Errno Append(ref DataSource from, int count, UnixSocket sender, MessageExtra? extra, bool isMessage, out int charge)
    {
        charge = 0;
        int before = Count;
        int merged = 0;
        if (!isMessage && extra is null && before != 0)
        {
            ref Segment last = ref At(before - 1);
            int end = last.Offset + last.Length;
            if (ReferenceEquals(last.Sender, sender) && last.CanGrow && last.Extra is null && end < Page.Size)
            {
                merged = Math.Min(count, Page.Size - end);
                if (from.ReadPage(last.Page, end, merged) < merged)
                {
                    return Errno.EFAULT;
                }
            }
        }

        int left = count - merged;
        if (left > 0 || isMessage)
        {
            // Room first: nothing must fail by an exception after a page is taken.
            Reserve(before + (left / Page.Size) + 2);
            Errno error = AddSegments(ref from, left, sender, merged != 0, isMessage);
            if (error != Errno.Ok)
            {
                RemoveLast(Count - before);
                return error;
            }

            ref Segment added = ref At(before);
            added.Extra = extra;
            added.Charge += SegmentCharge;
            At(Count - 1).IsLast = isMessage;
            charge = SegmentCharge;
            Messages += isMessage ? 1 : 0;
        }

        if (merged != 0)
        {
            ref Segment last = ref At(before - 1);
            last.Length += merged;
            last.Charge += merged;
        }

        charge += count;
        Bytes += count;
        return Errno.Ok;
    }

    /// <summary>Adds the urgent byte of a stream: a segment of its own.</summary>
    /// <returns>EFAULT; ENOMEM.</returns>
    [MightSleep]
    public Errno AppendMark(ref DataSource from, UnixSocket sender, MessageExtra? extra, out int charge)
    {
        charge = 0;
        Reserve(Count + 1);
        Errno error = AddSegments(ref from, 1, sender, lastIsFull: false, isMessage: true);
        if (error == Errno.Ok)
        {
            ref Segment added = ref At(Count - 1);
            added.Extra = extra;
            added.IsMark = true;
            added.Charge += SegmentCharge;
            charge = added.Charge;
            Bytes++;
        }

        return error;
    }

    /// <summary>The bytes of the first segment were received, or some of them. There is a segment.</summary>
    /// <param name="count">How many.</param>
    /// <returns>What is no longer charged.</returns>
    public int Consume(int count)
    {
        ref Segment first = ref At(0);
        first.Offset += count;
        first.Length -= count;
        first.Charge -= count;
        Bytes -= count;
        return first.Length == 0 ? count + RemoveFirst() : count;
    }

    /// <summary>As <see cref="Consume"/>, but the segment stays though it may be empty: it marks where it was.</summary>
    public int ConsumeMark(ref Segment segment)
    {
        int count = segment.Length;
        segment.Offset += count;
        segment.Length = 0;
        segment.Charge -= count;
        Bytes -= count;
        return count;
    }

    /// <summary>The first segment goes, whatever is in it. There is one.</summary>
    /// <returns>What is no longer charged.</returns>
    public int RemoveFirst()
    {
        ref Segment first = ref At(0);
        int charge = first.Charge;
        Bytes -= first.Length;
        Messages -= first.IsLast ? 1 : 0;
        Page page = first.Page;
        first = default;
        _first = _first + 1 < _segments.Length ? _first + 1 : 0;
        Count--;
        Removed++;
        if (!page.IsNull && (Count == 0 || At(0).Page != page))
        {
            Recycle(page);
        }

        // What a burst of messages has made long is not kept.
        if (Count == 0 && _segments.Length > LongestIdleRing)
        {
            _segments = [];
            _first = 0;
        }

        return charge;
    }

    /// <summary>The number of the last segment of a message.</summary>
    /// <param name="number">A segment of it.</param>
    /// <param name="bytes">Bytes from there.</param>
    public int EndOfMessage(int number, out int bytes)
    {
        bytes = 0;
        while (true)
        {
            ref Segment segment = ref At(number);
            bytes += segment.Length;
            if (segment.IsLast)
            {
                return number;
            }

            number++;
        }
    }

    /// <summary>Copies bytes of a message, which stays.</summary>
    /// <param name="to">Where they go.</param>
    /// <param name="number">Its first segment.</param>
    /// <param name="skip">Bytes that are left out.</param>
    /// <param name="count">Bytes that are wanted; there are so many behind.</param>
    /// <returns>False: memory could not be written.</returns>
    [MightSleep]
    public bool Copy(ref DataSink to, int number, int skip, int count)
    {
        for (; count > 0; number++)
        {
            ref Segment segment = ref At(number);
            if (skip >= segment.Length)
            {
                skip -= segment.Length;
                continue;
            }

            int part = Math.Min(count, segment.Length - skip);
            if (to.WritePage(segment.Page, segment.Offset + skip, part) < part)
            {
                return false;
            }

            count -= part;
            skip = 0;
        }

        return true;
    }

    /// <summary>Gives back the page that is kept for the next message.</summary>
    public void ReleaseSpare()
    {
        if (!_spare.IsNull)
        {
            _spare.Release();
            _spare = default;
        }
    }

    [MightSleep]
    private Errno AddSegments(ref DataSource from, int left, UnixSocket sender, bool lastIsFull, bool isMessage)
    {
        do
        {
            int part = Math.Min(left, Page.Size);
            Page page = default;
            int offset = 0;
            if (Count != 0 && !lastIsFull)
            {
                ref Segment last = ref At(Count - 1);
                if (!last.Page.IsNull && last.Offset + last.Length + part <= Page.Size)
                {
                    page = last.Page;
                    offset = last.Offset + last.Length;
                }
            }

            lastIsFull = false;
            bool isShared = !page.IsNull;
            if (part != 0 && !isShared)
            {
                page = _spare;
                _spare = default;
                if (page.IsNull && !Page.TryAllocate(out page, cleared: false))
                {
                    return Errno.ENOMEM;
                }
            }

            if (part != 0 && from.ReadPage(page, offset, part) < part)
            {
                if (!isShared)
                {
                    Recycle(page);
                }

                return Errno.EFAULT;
            }

            Count++;
            At(Count - 1) = new Segment { Page = page, Offset = offset, Length = part, Charge = part, Sender = sender, CanGrow = !isMessage && part != 0 };
            left -= part;
        }
        while (left > 0);
        return Errno.Ok;
    }

    // Takes back segments that were added and are not counted yet.
    private void RemoveLast(int count)
    {
        for (; count > 0; count--)
        {
            ref Segment last = ref At(Count - 1);
            Page page = last.Page;
            last = default;
            Count--;
            if (!page.IsNull && (Count == 0 || At(Count - 1).Page != page))
            {
                Recycle(page);
            }
        }
    }

    private void Recycle(Page page)
    {
        if (_spare.IsNull)
        {
            _spare = page;
        }
        else
        {
            page.Release();
        }
    }

    private void Reserve(int count)
    {
        if (count <= _segments.Length)
        {
            return;
        }

        var larger = new Segment[Math.Max(Math.Max(_segments.Length * 2, count), SmallestRing)];
        for (int i = 0; i < Count; i++)
        {
            larger[i] = At(i);
        }

        _segments = larger;
        _first = 0;
    }

    /// <summary>A part of a page.</summary>
    internal struct Segment
    {
        /// <summary>The page; null when there are no bytes.</summary>
        public Page Page;

        /// <summary>Where its bytes begin.</summary>
        public int Offset;

        /// <summary>How many there are.</summary>
        public int Length;

        /// <summary>What its sender is charged for it.</summary>
        public int Charge;

        /// <summary>It ends a message.</summary>
        public bool IsLast;

        /// <summary>It has the urgent byte of a stream, or had it.</summary>
        public bool IsMark;

        /// <summary>More bytes of the same sender may join it.</summary>
        public bool CanGrow;

        /// <summary>Who sent it.</summary>
        public UnixSocket Sender;

        /// <summary>What goes with it, at the first segment of what was sent at once.</summary>
        public MessageExtra? Extra;
    }
}
