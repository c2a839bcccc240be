using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Files.Descriptors;

/// <summary>
/// Where read(2) puts what it reads: kernel memory, a user buffer, or the user buffers of an iovec. Writing to user memory may sleep and may fault: no spin lock is held, and no lock that a page fault takes. A
/// write that takes less than it was given has filled the sink, or has met memory that cannot be written; <see cref="Faulted"/> tells which.
/// </summary>
public ref struct DataSink
{
    private readonly Span<byte> _kernel;
    private ReadOnlySpan<IoVector> _vectors;
    [UserAddress]
    private ulong _address;
    private long _segment;
    private int _done;
    private readonly bool _isUser;

    /// <summary>Kernel memory.</summary>
    public DataSink(Span<byte> kernel)
    {
        _kernel = kernel;
        Remaining = kernel.Length;
        _segment = kernel.Length;
    }

    /// <summary>A user buffer.</summary>
    /// <param name="address">Any number; what is not user memory faults.</param>
    /// <param name="bytes">0 to <see cref="PathLimits.TransferMaximum"/>.</param>
    public DataSink([UserAddress] ulong address, long bytes)
    {
        _isUser = true;
        _address = address;
        _segment = bytes;
        Remaining = bytes;
    }

    /// <summary>User buffers, one after the other.</summary>
    /// <param name="vectors">Their lengths have been checked; the sum is <paramref name="bytes"/> or more.</param>
    /// <param name="bytes">0 to <see cref="PathLimits.TransferMaximum"/>.</param>
    public DataSink(ReadOnlySpan<IoVector> vectors, long bytes)
    {
        _isUser = true;
        _vectors = vectors;
        Remaining = bytes;
    }

    /// <summary>Bytes that it can still take.</summary>
    public long Remaining { get; private set; }

    /// <summary>Memory could not be written.</summary>
    public bool Faulted { get; private set; }

    /// <summary>It goes to user memory: may sleep.</summary>
    public readonly bool IsUser => _isUser;

    /// <summary>All of its memory begins and ends at multiples of a power of two; kernel memory always does.</summary>
    public readonly bool IsAligned(int bytes)
    {
        ulong mask = (ulong)bytes - 1;
        ulong bits = _isUser ? (_address | (ulong)_segment) & mask : 0;
        foreach (IoVector vector in _vectors)
        {
            bits |= (vector.Address | vector.Bytes) & mask;
        }

        return bits == 0;
    }

    /// <summary>Puts bytes there. Task context.</summary>
    /// <returns>How many were taken.</returns>
    [MightSleep]
    public int Write(scoped ReadOnlySpan<byte> from)
    {
        int total = 0;
        while (total < from.Length && NextPart(from.Length - total, out int part))
        {
            int done;
            if (_isUser)
            {
                done = UserMemory.Write(_address, from.Slice(total, part));
            }
            else
            {
                from.Slice(total, part).CopyTo(_kernel[_done..]);
                done = part;
            }

            total += done;
            if (!Advance(done, part))
            {
                break;
            }
        }

        return total;
    }

    /// <summary>Puts bytes of a page there. Task context.</summary>
    /// <returns>How many were taken.</returns>
    [MightSleep]
    public int WritePage(Page page, int offset, int count)
    {
        int total = 0;
        while (total < count && NextPart(count - total, out int part))
        {
            int done;
            if (_isUser)
            {
                done = UserMemory.WritePage(_address, page, offset + total, part);
            }
            else
            {
                page.Read(offset + total, _kernel.Slice(_done, part));
                done = part;
            }

            total += done;
            if (!Advance(done, part))
            {
                break;
            }
        }

        return total;
    }

    /// <summary>Puts zeros there. Task context.</summary>
    /// <returns>How many were taken.</returns>
    [MightSleep]
    public int Clear(int count)
    {
        int total = 0;
        while (total < count && NextPart(Math.Min(count - total, Page.Size), out int part))
        {
            int done;
            if (_isUser)
            {
                done = UserMemory.WritePage(_address, Page.Zero, 0, part);
            }
            else
            {
                _kernel.Slice(_done, part).Clear();
                done = part;
            }

            total += done;
            if (!Advance(done, part))
            {
                break;
            }
        }

        return total;
    }

    /// <summary>Goes on by what a device writes into the memory itself: the part of it that lies in one page. Task context.</summary>
    /// <param name="limit">Bytes at most, 1 and up.</param>
    /// <param name="page">The page, which the caller unpins when the device is done.</param>
    /// <param name="offset">Where in the page it begins.</param>
    /// <param name="count">How many bytes.</param>
    /// <returns>False, and nothing is done: it must be copied.</returns>
    [MightSleep]
    internal bool TryTakePage(int limit, out Page page, out int offset, out int count)
    {
        page = default;
        offset = 0;
        count = 0;
        if (!_isUser || !NextPart(limit, out int part) || !UserMemory.TryTakePage(_address, forWrite: true, out page))
        {
            return false;
        }

        offset = (int)(_address & (Page.Size - 1));
        count = Math.Min(part, Page.Size - offset);
        return Advance(count, count);
    }

    // The bytes that lie together where the sink is now.
    private bool NextPart(int wanted, out int part)
    {
        while (_segment == 0 && !_vectors.IsEmpty)
        {
            _address = _vectors[0].Address;
            _segment = (long)_vectors[0].Bytes;
            _vectors = _vectors[1..];
        }

        part = (int)Math.Min(Math.Min(_segment, Remaining), wanted);
        return part > 0 && !Faulted;
    }

    private bool Advance(int done, int part)
    {
        _address += (ulong)done;
        _segment -= done;
        _done += done;
        Remaining -= done;
        Faulted = done < part;
        return !Faulted;
    }
}
