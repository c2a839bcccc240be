using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Modules.Block;

/// <summary>
/// One transfer between memory and consecutive sectors of a disk, or a command to it. Its owner makes it once, fills it, hands it to <c>Disk.Submit</c>, and may use it again when
/// <see cref="OnCompleted"/> has been called. From submission to completion it is the disk's.
/// </summary>
[Protocol("Its owner's before Disk.Submit and after OnCompleted; in between whoever holds the lock of the queue that it is in, or the request that it is part of.")]
public abstract class Bio : TreeNode<Bio>
{
    private readonly BlockSegment[] _segments;

    /// <summary>Makes an empty one. Task context.</summary>
    /// <param name="segments">Most segments that it can have, 0 and up; not more than the disk takes in a request.</param>
    protected Bio(int segments) => _segments = new BlockSegment[segments];

    /// <summary>What is done.</summary>
    public BlockOperation Operation { get; set; }

    /// <summary>A write is complete only when the data would survive a loss of power. For disks with <see cref="DiskOptions.SupportsForceUnitAccess"/>.</summary>
    public bool ForceUnitAccess { get; set; }

    /// <summary>The first sector.</summary>
    public ulong Sector { get; set; }

    /// <summary>How many sectors.</summary>
    public uint Sectors { get; set; }

    /// <summary>Where it is counted beside the disk: a partition; null: nowhere.</summary>
    public IoStatistics? Statistics { get; set; }

    /// <summary>Segments that it has.</summary>
    public int SegmentCount { get; private set; }

    /// <summary>Segments that it can have.</summary>
    public int Capacity => _segments.Length;

    /// <summary>Its segments, in order.</summary>
    public ReadOnlySpan<BlockSegment> Segments => _segments.AsSpan(0, SegmentCount);

    /// <summary>Begins anew: no segments. Its owner.</summary>
    /// <param name="operation">What is done.</param>
    /// <param name="sector">The first sector.</param>
    /// <param name="sectors">How many; <see cref="Add"/> adds to it.</param>
    [NoAllocation]
    public void Reset(BlockOperation operation, ulong sector, uint sectors = 0)
    {
        Operation = operation;
        Sector = sector;
        Sectors = sectors;
        SegmentCount = 0;
        ForceUnitAccess = false;
        Statistics = null;
    }

    /// <summary>Adds a segment behind the others. Its owner.</summary>
    /// <returns>False when there is no room.</returns>
    [NoAllocation]
    public bool Add(in BlockSegment segment)
    {
        if (SegmentCount == _segments.Length)
        {
            return false;
        }

        _segments[SegmentCount++] = segment;
        Sectors += (uint)segment.Length / DiskOptions.SectorBytes;
        return true;
    }

    /// <summary>
    /// It is done, and its owner's again. With preemption off and no lock held, or in the task that submitted it; never in a hard interrupt.
    /// </summary>
    /// <param name="error">Ok; EIO, ENOSPC, EOPNOTSUPP, ETIMEDOUT, or ENODEV when the disk is gone.</param>
    [NoAllocation]
    protected internal abstract void OnCompleted(Errno error);

    /// <summary>The next in a queue.</summary>
    internal Bio? Next { get; set; }

    /// <summary>The next in the same request.</summary>
    internal Bio? NextInRequest { get; set; }

    /// <summary>The last of those that follow it in its request; itself when alone.</summary>
    internal Bio LastInRequest { get; set; } = null!;

    /// <summary>Sectors of all in its request.</summary>
    internal uint RequestSectors { get; set; }

    /// <summary>Segments of all in its request.</summary>
    internal int RequestSegments { get; set; }

    /// <summary>When it was submitted, in nanoseconds on the monotonic clock.</summary>
    internal ulong Submitted { get; set; }

    /// <summary>The next in the order of deadlines of a scheduler.</summary>
    internal Bio? NextByDeadline { get; set; }

    /// <summary>The one before it in the order of deadlines.</summary>
    internal Bio? PreviousByDeadline { get; set; }

    /// <summary>The sector behind the last one of its request.</summary>
    internal ulong RequestEnd => Sector + RequestSectors;

    /// <summary>Is ordered by its sector from now on.</summary>
    [NoAllocation]
    internal void Order() => Key = Sector;

    /// <summary>Becomes a request of its own.</summary>
    [NoAllocation]
    internal void Begin(ulong now)
    {
        Next = null;
        NextInRequest = null;
        LastInRequest = this;
        RequestSectors = Sectors;
        RequestSegments = SegmentCount;
        Submitted = now;
    }

    /// <summary>Whether another one can follow in the same request.</summary>
    [NoAllocation]
    internal bool CanPrecede(Bio other, int maximumSegments, int maximumSectors) =>
        Operation == other.Operation && Operation <= BlockOperation.Write && !ForceUnitAccess && !other.ForceUnitAccess && RequestEnd == other.Sector
        && RequestSegments + other.RequestSegments <= maximumSegments && RequestSectors + other.RequestSectors <= (uint)maximumSectors;

    /// <summary>Takes another one, and what follows it, into its request.</summary>
    [NoAllocation]
    internal void Append(Bio other)
    {
        LastInRequest.NextInRequest = other;
        LastInRequest = other.LastInRequest;
        RequestSectors += other.RequestSectors;
        RequestSegments += other.RequestSegments;
    }
}
