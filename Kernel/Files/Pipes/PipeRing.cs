using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Files.Pipes;

/// <summary>
/// The bytes of a pipe: a ring of segments, each a part of a page. A write of up to a page's size takes a part of the last page or a page of its own, so it is in one piece. No lock of its own. Pages that
/// are shared with another pipe (tee(2)) are never written again.
/// </summary>
[Owned]
internal sealed class PipeRing
{
    private Segment[] _segments;
    private int _first;

    // A page that was emptied, for the next write: so that a byte that goes through allocates nothing.
    private Page _spare;

    public PipeRing(int capacity)
    {
        _segments = new Segment[capacity];
    }

    /// <summary>Segments that it can have.</summary>
    public int Capacity => _segments.Length;

    /// <summary>Segments that it has.</summary>
    public int Count { get; private set; }

    /// <summary>No segment can be added.</summary>
    public bool IsFull => Count >= _segments.Length;

    /// <summary>Bytes that can be read.</summary>
    public long Bytes { get; private set; }

    /// <summary>The first segment is a packet: what is not read of it is lost.</summary>
    public bool IsPacket => Count != 0 && _segments[_first].IsPacket;

    /// <summary>Changes the capacity.</summary>
    /// <returns>False: more segments are in use.</returns>
    public bool TryResize(int capacity)
    {
        if (capacity < Count)
        {
            return false;
        }

        var segments = new Segment[capacity];
        for (int i = 0; i < Count; i++)
        {
            segments[i] = At(i);
        }

        _segments = segments;
        _first = 0;
        return true;
    }

    /// <summary>Adds bytes to the last page if it has room for all of them and is nobody else's.</summary>
    /// <param name="from">The bytes.</param>
    /// <param name="count">1 to 4096.</param>
    /// <param name="done">How many could be taken from the source.</param>
    /// <returns>False when they do not fit there.</returns>
    [MightSleep]
    public bool TryMerge(ref DataSource from, int count, out int done)
    {
        done = 0;
        if (Count == 0)
        {
            return false;
        }

        ref Segment last = ref At(Count - 1);
        int end = last.Offset + last.Length;
        if (last.IsPacket || end + count > Page.Size || last.Page.References != 1)
        {
            return false;
        }

        done = from.ReadPage(last.Page, end, count);
        last.Length += done;
        Bytes += done;
        return true;
    }

    /// <summary>Adds a segment with bytes of the source. The ring is not full.</summary>
    /// <param name="from">The bytes.</param>
    /// <param name="count">1 to 4096.</param>
    /// <param name="isPacket">It is read as a whole.</param>
    /// <param name="done">How many could be taken from the source; none: no segment.</param>
    /// <returns>ENOMEM.</returns>
    [MightSleep]
    public Errno Add(ref DataSource from, int count, bool isPacket, out int done)
    {
        done = 0;
        Page page = _spare;
        _spare = default;
        if (page.IsNull && !Page.TryAllocate(out page, cleared: false))
        {
            return Errno.ENOMEM;
        }

        done = from.ReadPage(page, 0, count);
        if (done == 0)
        {
            _spare = page;
            return Errno.Ok;
        }

        Append(new Segment { Page = page, Length = done, IsPacket = isPacket });
        return Errno.Ok;
    }

    /// <summary>Adds a segment that shares a page; the reference goes to the ring, which is not full.</summary>
    public void AddShared(Page page, int offset, int length, bool isPacket) =>
        Append(new Segment { Page = page, Offset = offset, Length = length, IsPacket = isPacket });

    /// <summary>Puts a segment in front, one more than the capacity if need be: bytes that were taken and could not be used. The reference goes to the ring.</summary>
    public void PutBack(Page page, int offset, int length)
    {
        if (IsFull)
        {
            _ = TryResize(Capacity + 1);
        }

        _first = _first == 0 ? _segments.Length - 1 : _first - 1;
        _segments[_first] = new Segment { Page = page, Offset = offset, Length = length };
        Count++;
        Bytes += length;
    }

    /// <summary>Reads from the first segment; there is one. A packet is used up whatever was read of it.</summary>
    /// <returns>Bytes.</returns>
    [MightSleep]
    public int Read(ref DataSink to)
    {
        ref Segment first = ref _segments[_first];
        int wanted = (int)Math.Min(first.Length, to.Remaining);
        int done = to.WritePage(first.Page, first.Offset, wanted);
        Consume(first.IsPacket && done == wanted ? first.Length : done);
        return done;
    }

    /// <summary>Takes bytes from the front without copying: a page with a reference for the caller. There is a segment.</summary>
    public Page Take(int most, out int offset, out int length)
    {
        ref Segment first = ref _segments[_first];
        offset = first.Offset;
        length = Math.Min(first.Length, most);
        Page page = first.Page;
        page.AddReference();
        Consume(length);
        return page;
    }

    /// <summary>The segments from the front, with a reference to each page for the caller, who gives them to <see cref="AddShared(ref ReadOnlySpan{Segment})"/> of another ring (tee(2)).</summary>
    /// <param name="most">Bytes at most; of a packet that is longer only the front.</param>
    /// <param name="segments">Room for them.</param>
    /// <returns>How many there are.</returns>
    public int Share(long most, Span<Segment> segments)
    {
        int count = 0;
        while (most > 0 && count < Count && count < segments.Length)
        {
            Segment segment = At(count);
            segment.Length = (int)Math.Min(segment.Length, most);
            segment.Page.AddReference();
            most -= segment.Length;
            segments[count++] = segment;
        }

        return count;
    }

    /// <summary>Adds segments of another ring, as many as there is room for; the references to their pages go to the ring.</summary>
    /// <param name="segments">The segments; then those that were not added.</param>
    /// <returns>Bytes.</returns>
    public long AddShared(ref ReadOnlySpan<Segment> segments)
    {
        long bytes = 0;
        while (!segments.IsEmpty && !IsFull)
        {
            Append(segments[0]);
            bytes += segments[0].Length;
            segments = segments[1..];
        }

        return bytes;
    }

    /// <summary>Gives back all pages.</summary>
    public void Clear()
    {
        while (Count != 0)
        {
            Consume(_segments[_first].Length);
        }

        if (!_spare.IsNull)
        {
            _spare.Release();
            _spare = default;
        }
    }

    private ref Segment At(int number)
    {
        int place = _first + number;
        return ref _segments[place < _segments.Length ? place : place - _segments.Length];
    }

    private void Append(in Segment segment)
    {
        Count++;
        At(Count - 1) = segment;
        Bytes += segment.Length;
    }

    private void Consume(int count)
    {
        ref Segment first = ref _segments[_first];
        first.Offset += count;
        first.Length -= count;
        Bytes -= count;
        if (first.Length != 0)
        {
            return;
        }

        if (_spare.IsNull && first.Page.References == 1)
        {
            _spare = first.Page;
        }
        else
        {
            first.Page.Release();
        }

        first = default;
        _first = _first + 1 < _segments.Length ? _first + 1 : 0;
        Count--;
    }

    /// <summary>A part of a page.</summary>
    public struct Segment
    {
        /// <summary>The page; the segment holds a reference to it.</summary>
        public Page Page;

        /// <summary>First byte in it.</summary>
        public int Offset;

        /// <summary>Bytes.</summary>
        public int Length;

        /// <summary>It is read as a whole.</summary>
        public bool IsPacket;
    }
}
