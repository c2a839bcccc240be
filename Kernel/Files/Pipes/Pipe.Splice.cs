using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Files.Pipes;

// What splice(2), tee(2) and vmsplice(2) do with a pipe: whole pages, and waiting without reading or writing.
internal sealed partial class Pipe
{
    /// <summary>Takes bytes without copying (splice(2)).</summary>
    /// <returns>1: taken; 0: the end; or -EAGAIN, -ERESTARTSYS.</returns>
    [MightSleep]
    public long Take(int most, bool waits, out Page page, out int offset, out int length)
    {
        while (true)
        {
            bool wasFull;
            bool isOpen;
            bool isTaken;
            using (_lock.Enter())
            {
                wasFull = _ring.IsFull;
                isOpen = _writeEnds != 0;
                isTaken = _ring.Count != 0;
                offset = 0;
                length = 0;
                page = isTaken ? _ring.Take(most, out offset, out length) : default;
                wasFull &= !_ring.IsFull;
                NoteState();
            }

            if (isTaken)
            {
                if (wasFull)
                {
                    _writers.Wake(PollEvents.Writable);
                }

                return 1;
            }

            if (!isOpen)
            {
                return 0;
            }

            if (!waits)
            {
                return -(long)Errno.EAGAIN;
            }

            if (!AwaitData())
            {
                return -(long)Errno.ERESTARTSYS;
            }
        }
    }

    /// <summary>Gives back what was taken and could not be used; the reference goes to the pipe.</summary>
    [MightSleep]
    public void PutBack(Page page, int offset, int length)
    {
        using (_lock.Enter())
        {
            if (_isDead)
            {
                page.Release();
            }
            else
            {
                _ring.PutBack(page, offset, length);
            }

            NoteState();
        }

        _readers.Wake(PollEvents.Readable);
    }

    /// <summary>Waits until there is something to read.</summary>
    /// <returns>1; 0: the end; or -EAGAIN, -ERESTARTSYS.</returns>
    [MightSleep]
    public long AwaitReadable(bool waits)
    {
        while (true)
        {
            using (_lock.Enter())
            {
                if (_ring.Count != 0 || _writeEnds == 0)
                {
                    return _ring.Count != 0 ? 1 : 0;
                }
            }

            if (!waits)
            {
                return -(long)Errno.EAGAIN;
            }

            if (!AwaitData())
            {
                return -(long)Errno.ERESTARTSYS;
            }
        }
    }

    /// <summary>Waits until there is room.</summary>
    /// <returns>1, or -EAGAIN, -ERESTARTSYS, -EPIPE, with the signal sent.</returns>
    [MightSleep]
    public long AwaitWritable(bool waits)
    {
        while (true)
        {
            bool isBroken;
            using (_lock.Enter())
            {
                isBroken = _readEnds == 0;
                if (!isBroken && !_ring.IsFull)
                {
                    return 1;
                }
            }

            if (isBroken)
            {
                FileServices.Instance?.SignalBrokenPipe();
                return -(long)Errno.EPIPE;
            }

            if (!waits)
            {
                return -(long)Errno.EAGAIN;
            }

            if (!AwaitRoom())
            {
                return -(long)Errno.ERESTARTSYS;
            }
        }
    }

    /// <summary>
    /// Shares what is in this pipe with another one (tee(2)). What is shared was there at one moment, and the other pipe gets it at one moment: a reader finds the whole of it, and no byte that came meanwhile is
    /// skipped.
    /// </summary>
    /// <param name="most">Bytes at most.</param>
    /// <param name="to">The other pipe.</param>
    /// <returns>Bytes; 0: nothing is there, or no room.</returns>
    [MightSleep]
    public long Share(long most, Pipe to)
    {
        var segments = new PipeRing.Segment[CapacityBytes / Page.Size];
        int count;
        using (_lock.Enter())
        {
            count = _ring.Share(most, segments);
        }

        ReadOnlySpan<PipeRing.Segment> left = segments.AsSpan(0, count);
        long bytes = 0;
        using (to._lock.Enter())
        {
            if (to._readEnds != 0)
            {
                bytes = to._ring.AddShared(ref left);
                to.NoteState();
            }
        }

        foreach (PipeRing.Segment segment in left)
        {
            segment.Page.Release();
        }

        if (bytes != 0)
        {
            to._readers.Wake(PollEvents.Readable);
        }

        return bytes;
    }

    /// <summary>Adds a part of a page, whose reference goes to the pipe.</summary>
    /// <returns>False, and the reference stays the caller's, when there is no room or no reader any more.</returns>
    [MightSleep]
    public bool TryAdd(Page page, int offset, int length, bool isPacket)
    {
        using (_lock.Enter())
        {
            if (_ring.IsFull || _readEnds == 0)
            {
                return false;
            }

            _ring.AddShared(page, offset, length, isPacket);
            NoteState();
        }

        _readers.Wake(PollEvents.Readable);
        return true;
    }
}
