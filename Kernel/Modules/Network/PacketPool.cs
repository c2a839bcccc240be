using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Areas;

namespace CosmosKernel.Modules.Network;

/// <summary>
/// Packet buffers that are made once and used again and again. A module makes its own (<see cref="ModuleContext.CreatePacketPool"/>). When it is disposed of, buffers that are out stay valid until their owners release
/// them; the memory goes with the last one.
/// </summary>
public sealed class PacketPool : IDisposable
{
    /// <summary>Size of a buffer that holds a frame of Ethernet with its headroom.</summary>
    public const int DefaultBytes = 2048;

    /// <summary>The largest buffer.</summary>
    public const int LargestBytes = ChunkBytes;

    /// <summary>The most buffers of one pool.</summary>
    public const int LargestCount = 65_536;

    private const int ChunkBytes = 65_536;
    private const int Alignment = 64;

    private static readonly LockClass s_class = LockClasses.Register("packet pool");

    [Immutable]
    private readonly DmaBuffer[] _chunks;

    // Also of interrupt handlers.
    private IrqSpinLock _lock = new(s_class);

    // The one that was used last is taken first: it is in the cache.
    [GuardedBy(nameof(_lock))]
    private PacketBuffer? _free;

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private int _freeCount;

    [GuardedBy(nameof(_lock))]
    private bool _isClosed;

    [Atomic]
    private long _shortages;

    [Atomic]
    private long _wrongReleases;

    private PacketPool(DmaBuffer[] chunks, int count, int bytes)
    {
        _chunks = chunks;
        Count = count;
        BufferBytes = bytes;
    }

    /// <summary>How many buffers it has.</summary>
    public int Count { get; }

    /// <summary>Bytes of each.</summary>
    public int BufferBytes { get; }

    /// <summary>Buffers that nobody owns. Outdated at once. Any context.</summary>
    public int FreeCount => Volatile.Read(ref _freeCount);

    /// <summary>How often somebody wanted a buffer and there was none. Any context.</summary>
    public long Shortages => Volatile.Read(ref _shortages);

    /// <summary>How often a buffer was released that had no owner: a mistake of whoever did it. Any context.</summary>
    public long WrongReleases => Volatile.Read(ref _wrongReleases);

    /// <summary>Takes a buffer: empty, with <see cref="PacketBuffer.DefaultHeadroom"/>, and one owner. Any context but NMI.</summary>
    /// <returns>Null when there is none now, or the pool has been disposed of.</returns>
    [NoAllocation]
    public PacketBuffer? TryTake()
    {
        PacketBuffer? packet;
        using (_lock.Enter())
        {
            packet = _isClosed ? null : _free;
            if (packet is not null)
            {
                _free = packet.Next;
                _freeCount--;
            }
        }

        if (packet is null)
        {
            Interlocked.Increment(ref _shortages);
        }
        else
        {
            packet.Begin();
        }

        return packet;
    }

    /// <summary>Gives no buffer any more; the memory goes when all are back. Any context but NMI.</summary>
    public void Dispose()
    {
        bool isLast;
        using (_lock.Enter())
        {
            isLast = !_isClosed && _freeCount == Count;
            _isClosed = true;
        }

        if (isLast)
        {
            FreeMemory();
        }
    }

    /// <summary>Makes one. Task context.</summary>
    /// <exception cref="OutOfMemoryException">There is no such memory.</exception>
    [MightSleep]
    internal static PacketPool Create(int count, int bytes, ulong highestAddress)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, LargestCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, PacketBuffer.DefaultHeadroom * 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, LargestBytes);
        int size = (bytes + Alignment - 1) & -Alignment;
        int inChunk = ChunkBytes / size;
        var chunks = new DmaBuffer[(count + inChunk - 1) / inChunk];
        try
        {
            for (int i = 0; i < chunks.Length; i++)
            {
                int packets = Math.Min(inChunk, count - (i * inChunk));
                chunks[i] = DmaBuffer.TryAllocate(packets * size, highestAddress) ?? throw new OutOfMemoryException($"no DMA memory for {count} packets of {size} bytes");
            }

            var pool = new PacketPool(chunks, count, size);
            pool.Fill(inChunk);
            return pool;
        }
        catch
        {
            foreach (DmaBuffer? chunk in chunks)
            {
                chunk?.Dispose();
            }

            throw;
        }
    }

    /// <summary>The last owner has released a buffer.</summary>
    [NoAllocation]
    internal void Return(PacketBuffer packet)
    {
        packet.Device = null;
        bool isLast;
        using (_lock.Enter())
        {
            packet.Next = _free;
            _free = packet;
            _freeCount++;
            isLast = _isClosed && _freeCount == Count;
        }

        if (isLast)
        {
            FreeMemory();
        }
    }

    [NoAllocation]
    internal void CountWrongRelease() => Interlocked.Increment(ref _wrongReleases);

    [MightSleep]
    private void Fill(int inChunk)
    {
        for (int i = Count - 1; i >= 0; i--)
        {
            var packet = new PacketBuffer(this, _chunks[i / inChunk], i % inChunk * BufferBytes, BufferBytes);
            using (_lock.Enter())
            {
                packet.Next = _free;
                _free = packet;
                _freeCount++;
            }
        }
    }

    [NoAllocation]
    private void FreeMemory()
    {
        foreach (DmaBuffer chunk in _chunks)
        {
            chunk.Dispose();
        }
    }
}
