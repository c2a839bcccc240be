using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Block;

/// <summary>
/// What a driver gets: one operation on consecutive sectors, made of one or more <see cref="Bio"/>s. There is one object for each tag of a hardware queue, made when the disk is registered, and
/// used again and again; it is the driver's from <see cref="BlockDriver.Submit"/> until <see cref="Complete"/>.
/// </summary>
public sealed class BlockRequest
{
    /// <summary>Most segments of any request.</summary>
    public const int SegmentLimit = DiskOptions.SegmentLimit;

    private const int Free = 0;
    private const int AtDevice = 1;
    private const int Completed = 2;

    private readonly HardwareQueue _queue;

    [Protocol("Set before the driver gets the request, cleared by the completion, which comes after the driver's last use.")]
    private Bio? _first;

    [Atomic]
    private int _state;

    [Atomic]
    private int _error;

    [Atomic]
    private ulong _deadline;

    internal BlockRequest(HardwareQueue queue, int tag)
    {
        _queue = queue;
        Tag = tag;
    }

    /// <summary>Its number in the hardware queue: 0 to <see cref="DiskOptions.QueueDepth"/> - 1.</summary>
    public int Tag { get; }

    /// <summary>The hardware queue: 0 to <see cref="DiskOptions.HardwareQueues"/> - 1.</summary>
    public int Queue => _queue.Index;

    /// <summary>What is to be done.</summary>
    public BlockOperation Operation => _first!.Operation;

    /// <summary>A write must be on stable storage when it completes.</summary>
    public bool ForceUnitAccess => _first!.ForceUnitAccess;

    /// <summary>The first sector, of 512 bytes.</summary>
    public ulong Sector => _first!.Sector;

    /// <summary>How many sectors.</summary>
    public uint Sectors => _first!.RequestSectors;

    /// <summary>How many segments; 0 for what transfers no data.</summary>
    public int SegmentCount => _first!.RequestSegments;

    /// <summary>Bytes that are transferred.</summary>
    public int Bytes => SegmentCount == 0 ? 0 : (int)Sectors * DiskOptions.SectorBytes;

    internal ulong Deadline => Volatile.Read(ref _deadline);

    internal bool IsAtDevice => Volatile.Read(ref _state) == AtDevice;

    internal Bio? First
    {
        get => _first;
        set => _first = value;
    }

    internal Errno Error => (Errno)Volatile.Read(ref _error);

    /// <summary>The next one on the list of those that have completed.</summary>
    [Atomic]
    internal BlockRequest? NextDone { get; set; }

    [Protocol("Guarded by the lock of the hardware queue whose list it is on.")]
    internal BlockRequest? NextFree { get; set; }

    /// <summary>Copies the segments. Any context, while the request is the driver's.</summary>
    /// <param name="to">At least <see cref="SegmentCount"/> elements.</param>
    /// <returns>How many there are.</returns>
    [NoAllocation]
    public int CopySegments(Span<BlockSegment> to)
    {
        int count = 0;
        for (Bio? bio = _first; bio is not null; bio = bio.NextInRequest)
        {
            ReadOnlySpan<BlockSegment> segments = bio.Segments;
            foreach (ref readonly BlockSegment segment in segments)
            {
                to[count++] = segment;
            }
        }

        return count;
    }

    /// <summary>
    /// It is done: the driver does not use it any more, and the device not its memory. Any context but NMI; of several calls the first counts. What waits for it hears of it soon afterwards, not in this call.
    /// </summary>
    /// <param name="error">Ok, EIO, ENOSPC, EOPNOTSUPP, ETIMEDOUT, ENODEV.</param>
    /// <returns>False when it was completed before.</returns>
    [NoAllocation]
    public bool Complete(Errno error)
    {
        if (Interlocked.CompareExchange(ref _state, Completed, AtDevice) != AtDevice)
        {
            return false;
        }

        Volatile.Write(ref _error, (int)error);
        _queue.RequestDone(this);
        return true;
    }

    [NoAllocation]
    internal void Begin(Bio first, ulong deadline)
    {
        _first = first;
        Volatile.Write(ref _deadline, deadline);
        Volatile.Write(ref _state, AtDevice);
    }

    [NoAllocation]
    internal void Postpone(ulong deadline) => Volatile.Write(ref _deadline, deadline);

    [NoAllocation]
    internal void Release()
    {
        _first = null;
        Volatile.Write(ref _state, Free);
    }
}
