using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Block;
using CosmosKernel.Tasks.Time;
using SpinLock = CosmosKernel.Machine.Locking.SpinLock;

namespace CosmosKernel.Drivers.RamDisk;

/// <summary>One disk in memory. Pages are made when they are written first; what was never written is zeros.</summary>
internal sealed class RamDiskDriver : BlockDriver, IDisposable
{
    private const int SectorsOfPage = Page.Size / DiskOptions.SectorBytes;
    private static readonly LockClass s_pagesClass = LockClasses.Register("ram disk pages");
    private static readonly LockClass s_delayedClass = LockClasses.Register("ram disk delays");

    private readonly long _sectors;
    [Immutable]
    private readonly Delay[] _delays;
    private SpinLock _lock = new(s_pagesClass);

    [GuardedBy(nameof(_lock))]
    private readonly PageStore _pages = new();

    // For copying a request's segments; each hardware queue has its own, and its lock is held in Submit.
    [Protocol("One array for each hardware queue, touched with that queue locked.")]
    private readonly BlockSegment[][] _segments;

    [Atomic]
    private int _reads;

    [Atomic]
    private int _writes;

    [Atomic]
    private int _requests;

    /// <summary>Makes an empty one. Task context.</summary>
    public RamDiskDriver(long sectors, int queues, int depth)
    {
        _sectors = sectors;
        _segments = new BlockSegment[queues][];
        _delays = new Delay[queues];
        for (int i = 0; i < queues; i++)
        {
            _segments[i] = new BlockSegment[BlockRequest.SegmentLimit];
            _delays[i] = new Delay(this, depth);
        }
    }

    /// <summary>Nanoseconds that each request takes.</summary>
    public ulong DelayNanoseconds { get; init; }

    /// <summary>What waits together completes last first.</summary>
    public bool Reorders { get; init; }

    /// <summary>Every n-th read fails.</summary>
    public int ReadErrors { get; init; }

    /// <summary>Every n-th write fails.</summary>
    public int WriteErrors { get; init; }

    /// <summary>A sector that cannot be used.</summary>
    public long BadSector { get; init; }

    /// <summary>Every n-th request is lost.</summary>
    public int Lost { get; init; }

    /// <inheritdoc/>
    [NoAllocation]
    public override bool Submit(BlockRequest request)
    {
        if (Lost > 0 && Interlocked.Increment(ref _requests) % Lost == 0)
        {
            return true;
        }

        Errno error = Execute(request);
        if (DelayNanoseconds == 0)
        {
            request.Complete(error);
        }
        else
        {
            _delays[request.Queue].Add(request, error);
        }

        return true;
    }

    /// <inheritdoc/>
    [NoAllocation]
    public override void TimedOut(BlockRequest request) => request.Complete(Errno.ETIMEDOUT);

    /// <inheritdoc/>
    [MightSleep]
    public override void Stop()
    {
        foreach (Delay delay in _delays)
        {
            delay.CompleteAll();
        }
    }

    /// <summary>Frees the memory; nobody uses the disk any more.</summary>
    public void Dispose()
    {
        using (_lock.Enter())
        {
            _pages.Clear();
        }
    }

    [NoAllocation]
    private Errno Execute(BlockRequest request)
    {
        bool isRead = request.Operation == BlockOperation.Read;
        if (request.Operation == BlockOperation.Flush)
        {
            return Errno.Ok;
        }

        if (isRead ? ReadErrors > 0 && Interlocked.Increment(ref _reads) % ReadErrors == 0 : WriteErrors > 0 && Interlocked.Increment(ref _writes) % WriteErrors == 0)
        {
            return Errno.EIO;
        }

        if (BadSector >= (long)request.Sector && BadSector < (long)request.Sector + request.Sectors)
        {
            return Errno.EIO;
        }

        if ((long)request.Sector + request.Sectors > _sectors)
        {
            return Errno.EIO;
        }

        return request.Operation is BlockOperation.Discard or BlockOperation.WriteZeroes ? Clear(request.Sector, request.Sectors) : Transfer(request, isRead);
    }

    [NoAllocation]
    private Errno Transfer(BlockRequest request, bool isRead)
    {
        BlockSegment[] segments = _segments[request.Queue];
        int count = request.CopySegments(segments);
        ulong sector = request.Sector;
        for (int i = 0; i < count; i++)
        {
            BlockSegment segment = segments[i];
            for (int at = 0; at < segment.Length;)
            {
                int inPage = (int)(sector % SectorsOfPage) * DiskOptions.SectorBytes;
                int part = Math.Min(segment.Length - at, Page.Size - inPage);
                Errno error = Copy(sector / SectorsOfPage, inPage, segment.Page, segment.Offset + at, part, isRead);
                if (error != Errno.Ok)
                {
                    return error;
                }

                at += part;
                sector += (ulong)part / DiskOptions.SectorBytes;
            }
        }

        return Errno.Ok;
    }

    [NoAllocation]
    private Errno Copy(ulong index, int inPage, Page other, int offset, int count, bool isRead)
    {
        if (!TryGet(index, make: !isRead, out Page page))
        {
            if (!isRead)
            {
                return Errno.ENOSPC;
            }

            other.Clear(offset, count);
            return Errno.Ok;
        }

        if (isRead)
        {
            other.CopyFrom(page, inPage, offset, count);
        }
        else
        {
            page.CopyFrom(other, offset, inPage, count);
        }

        page.Release();
        return Errno.Ok;
    }

    [NoAllocation]
    private bool TryGet(ulong index, bool make, out Page page)
    {
        using (_lock.Enter())
        {
            if (_pages.TryGet(index, out page))
            {
                page.AddReference();
                return true;
            }

            if (!make || !Page.TryAllocate(out page))
            {
                return false;
            }

            page.AddReference();
            if (_pages.TryAdd(index, page))
            {
                return true;
            }

            page.Release();
            page.Release();
            return false;
        }
    }

    [NoAllocation]
    private Errno Clear(ulong sector, uint sectors)
    {
        ulong end = sector + sectors;
        while (sector < end)
        {
            int inPage = (int)(sector % SectorsOfPage);
            ulong part = Math.Min(end - sector, (ulong)(SectorsOfPage - inPage));
            using (_lock.Enter())
            {
                if (part == SectorsOfPage)
                {
                    _pages.RemoveRange(sector / SectorsOfPage, (sector / SectorsOfPage) + 1);
                }
                else if (_pages.TryGet(sector / SectorsOfPage, out Page page))
                {
                    page.Clear(inPage * DiskOptions.SectorBytes, (int)part * DiskOptions.SectorBytes);
                }
            }

            sector += part;
        }

        return Errno.Ok;
    }

    // The requests of one queue that wait for their time.
    private sealed class Delay : KernelTimer
    {
        private readonly RamDiskDriver _driver;
        private IrqSpinLock _lock = new(s_delayedClass);

        [GuardedBy(nameof(_lock))]
        private readonly BlockRequest?[] _waiting;

        [GuardedBy(nameof(_lock))]
        private readonly Errno[] _errors;

        [GuardedBy(nameof(_lock))]
        private int _count;

        public Delay(RamDiskDriver driver, int depth)
        {
            _driver = driver;
            _waiting = new BlockRequest?[depth];
            _errors = new Errno[depth];
        }

        [NoAllocation]
        public void Add(BlockRequest request, Errno error)
        {
            using (_lock.Enter())
            {
                _waiting[_count] = request;
                _errors[_count++] = error;
                if (_count > 1)
                {
                    return;
                }
            }

            Start(Clock.MonotonicNanoseconds + _driver.DelayNanoseconds);
        }

        [MightSleep]
        public void CompleteAll()
        {
            CancelAndWait();
            Complete();
        }

        [InterruptContext]
        protected override void OnExpired(ulong now) => Complete();

        [NoAllocation]
        private void Complete()
        {
            using (_lock.Enter())
            {
                for (int i = 0; i < _count; i++)
                {
                    int at = _driver.Reorders ? _count - 1 - i : i;
                    _waiting[at]!.Complete(_errors[at]);
                    _waiting[at] = null;
                }

                _count = 0;
            }
        }
    }
}
