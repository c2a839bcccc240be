using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Areas;

namespace CosmosKernel.Modules.Network;

/// <summary>
/// A frame on its way between a network device and whoever sends or receives it: a stretch of DMA memory with room before and behind the bytes. It comes from a <see cref="PacketPool"/>, so sending and receiving
/// allocate nothing.
/// <para>
/// <b>Owners.</b> Who takes it from the pool owns it. <see cref="NetworkDevice.Transmit"/>, <see cref="NetworkDevice.Deliver"/> and <see cref="NetworkDevice.QueueReceived"/> take it over, whatever they return;
/// the last owner calls <see cref="Release"/>. A <see cref="PacketHandler"/> only borrows it: to keep it beyond the call it calls <see cref="Hold"/>, and <see cref="Release"/> later. Who shares it
/// (<see cref="IsShared"/>) must not change its bytes or their bounds, and neither does a driver change what it was given to send.
/// </para>
/// <para>
/// <b>One way at a time.</b> From <see cref="NetworkDevice.Transmit"/> to the driver, and from <see cref="NetworkDevice.QueueReceived"/> or <see cref="NetworkDevice.Deliver"/> to the return of the last handler, a
/// buffer is on its way, and another owner who hands it over meanwhile is refused: Transmit returns EBUSY, and all three count it as dropped. So a handler sends a frame on as a copy, or later, when nobody else has it
/// (<see cref="IsShared"/>). <see cref="Device"/>, <see cref="Protocol"/>, <see cref="Kind"/> and <see cref="Time"/> are those of the last way: a handler that keeps a frame which others may send reads them in its call.
/// </para>
/// <para>All members: any context but NMI; nothing allocates, waits or throws, but for an access outside of the memory.</para>
/// </summary>
[Owned]
public sealed class PacketBuffer
{
    /// <summary>Bytes that a fresh buffer keeps free before the data: for the headers of a driver or of a protocol around this one.</summary>
    public const int DefaultHeadroom = 64;

    private readonly DmaBuffer _memory;
    private readonly int _base;
    private int _start;
    private int _length;

    [Atomic]
    private int _references;

    // 1: on its way; who made it so alone changes its link and what is said of its way.
    [Atomic]
    private int _isOnItsWay;

    internal PacketBuffer(PacketPool pool, DmaBuffer memory, int place, int size)
    {
        Pool = pool;
        _memory = memory;
        _base = place;
        Size = size;
    }

    /// <summary>Bytes of memory, headroom included.</summary>
    public int Size { get; }

    /// <summary>Bytes of the frame.</summary>
    public int Length => _length;

    /// <summary>Free bytes before the frame.</summary>
    public int Headroom => _start;

    /// <summary>Free bytes behind it.</summary>
    public int Tailroom => Size - _start - _length;

    /// <summary>The frame. Not to be used once the buffer has another owner.</summary>
    public Span<byte> Bytes => _memory.Span(_base + _start, _length);

    /// <summary>Where a device finds the first byte of the frame; headroom and tailroom lie around it, physically contiguous.</summary>
    public ulong PhysicalAddress => _memory.PhysicalAddress + (ulong)(_base + _start);

    /// <summary>Who received it; null for one that was not received.</summary>
    public NetworkDevice? Device { get; internal set; }

    /// <summary>EtherType of a frame that was received or is sent, in host order; a length below 1536 for frames of IEEE 802.3.</summary>
    public ushort Protocol { get; internal set; }

    /// <summary>For whom a frame is.</summary>
    public PacketKind Kind { get; internal set; }

    /// <summary>When it was received or sent, nanoseconds on the monotonic clock.</summary>
    public ulong Time { get; internal set; }

    /// <summary>The queue that it was received from, or shall be sent by; -1: that of the CPU.</summary>
    public int Queue { get; set; } = -1;

    /// <summary>What is known of the checksums in it.</summary>
    public PacketChecksum Checksum { get; set; }

    /// <summary>More than one owner has it: its bytes are not changed. Outdated at once when true.</summary>
    public bool IsShared => Volatile.Read(ref _references) > 1;

    internal PacketPool Pool { get; }

    /// <summary>The next one of the list that it is in; for who owns the list: the pool, or a queue, which has begun the buffer's way.</summary>
    internal PacketBuffer? Next { get; set; }

    /// <summary>One more owner.</summary>
    [NoAllocation]
    public void Hold() => Interlocked.Increment(ref _references);

    /// <summary>One owner less; the last one's buffer goes back to its pool. A release without an owner is counted in <see cref="PacketPool.WrongReleases"/> and does nothing else.</summary>
    [NoAllocation]
    public void Release()
    {
        int left = Interlocked.Decrement(ref _references);
        if (left == 0)
        {
            Pool.Return(this);
        }
        else if (left < 0)
        {
            Interlocked.Increment(ref _references);
            Pool.CountWrongRelease();
        }
    }

    /// <summary>Empties it, with room before the data.</summary>
    /// <returns>False, and nothing has changed: there is not so much room.</returns>
    [NoAllocation]
    public bool TryReset(int headroom = DefaultHeadroom)
    {
        if ((uint)headroom > (uint)Size)
        {
            return false;
        }

        _start = headroom;
        _length = 0;
        return true;
    }

    /// <summary>Adds bytes behind the frame, whose values are what was there before.</summary>
    /// <param name="bytes">How many.</param>
    /// <param name="added">The new ones.</param>
    /// <returns>False, and nothing has changed: there is no room.</returns>
    [NoAllocation]
    public bool TryAppend(int bytes, out Span<byte> added)
    {
        added = default;
        if ((uint)bytes > (uint)Tailroom)
        {
            return false;
        }

        added = _memory.Span(_base + _start + _length, bytes);
        _length += bytes;
        return true;
    }

    /// <summary>Adds a copy of bytes behind the frame.</summary>
    /// <returns>False, and nothing has changed: there is no room.</returns>
    [NoAllocation]
    public bool TryAppend(ReadOnlySpan<byte> bytes)
    {
        // Not CopyTo, which could throw for all that the compiler knows.
        return TryAppend(bytes.Length, out Span<byte> added) && bytes.TryCopyTo(added);
    }

    /// <summary>Adds bytes before the frame: a header.</summary>
    /// <returns>False, and nothing has changed: there is no room.</returns>
    [NoAllocation]
    public bool TryPrepend(int bytes, out Span<byte> added)
    {
        added = default;
        if ((uint)bytes > (uint)_start)
        {
            return false;
        }

        _start -= bytes;
        _length += bytes;
        added = _memory.Span(_base + _start, bytes);
        return true;
    }

    /// <summary>Takes bytes away from the front, which become headroom.</summary>
    /// <returns>False, and nothing has changed: there are not so many.</returns>
    [NoAllocation]
    public bool TryRemoveFront(int bytes)
    {
        if ((uint)bytes > (uint)_length)
        {
            return false;
        }

        _start += bytes;
        _length -= bytes;
        return true;
    }

    /// <summary>Makes the frame so long: shorter, or longer by what a device has written behind it.</summary>
    /// <returns>False, and nothing has changed: there is not so much room.</returns>
    [NoAllocation]
    public bool TrySetLength(int length)
    {
        if ((uint)length > (uint)(Size - _start))
        {
            return false;
        }

        _length = length;
        return true;
    }

    /// <summary>Its way begins.</summary>
    /// <returns>False, and nothing has changed: it is on its way already.</returns>
    [NoAllocation]
    internal bool TryBeginWay() => Interlocked.Exchange(ref _isOnItsWay, 1) == 0;

    /// <summary>Its way has ended: what <see cref="TryBeginWay"/> began. It is in no list.</summary>
    [NoAllocation]
    internal void EndWay() => Volatile.Write(ref _isOnItsWay, 0);

    /// <summary>It leaves the pool: empty, with one owner.</summary>
    [NoAllocation]
    internal void Begin()
    {
        Next = null;
        Device = null;
        Protocol = 0;
        Kind = PacketKind.ToThisHost;
        Time = 0;
        Queue = -1;
        Checksum = PacketChecksum.Unknown;
        _start = Math.Min(DefaultHeadroom, Size);
        _length = 0;
        Volatile.Write(ref _references, 1);
    }
}
