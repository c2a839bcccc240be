using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Deferred;
using CosmosKernel.Tasks.Waiting;
using SpinLock = CosmosKernel.Machine.Locking.SpinLock;

namespace CosmosKernel.Modules.Block;

/// <summary>
/// One queue of a device: the requests that can be there at once (their number is the tag), what waits for one of them, and the completions. Submitting tasks and completions drive it, each with its lock
/// held; interrupt handlers only put completed requests on a list and ask for the deferred call.
/// </summary>
internal sealed class HardwareQueue : DeferredCall
{
    private readonly Disk _disk;
    [Immutable]
    private readonly SoftwareQueue[] _sources;
    [Immutable]
    private readonly BlockRequest[] _requests;
    private readonly WaitQueue _idle = new("disk queue");
    private SpinLock _lock;

    // What drivers have completed, last first. Pushed by any context with a compare-and-exchange, taken as a whole by the deferred call with an exchange: so no element comes back while one is being pushed.
    [Atomic]
    private BlockRequest? _done;

    [GuardedBy(nameof(_lock))]
    private BlockRequest? _free;

    // The driver had no room for it.
    [GuardedBy(nameof(_lock))]
    private BlockRequest? _refused;

    // Flushes, which are not ordered by sector.
    [GuardedBy(nameof(_lock))]
    private readonly BioList _commands = new();

    [GuardedBy(nameof(_lock))]
    private IoScheduler _scheduler;

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private int _inUse;

    [GuardedBy(nameof(_lock))]
    private int _frozen;

    [GuardedBy(nameof(_lock))]
    private int _nextSource;

    /// <summary>Makes one with all its requests. Task context.</summary>
    public HardwareQueue(Disk disk, int index, SoftwareQueue[] sources, IoScheduler scheduler)
    {
        _disk = disk;
        _lock = new SpinLock(LockClass.BlockHardwareQueue);
        _sources = sources;
        _scheduler = scheduler;
        Index = index;
        _requests = new BlockRequest[disk.Options.QueueDepth];
        for (int i = _requests.Length - 1; i >= 0; i--)
        {
            _requests[i] = new BlockRequest(this, i) { NextFree = _free };
            _free = _requests[i];
        }
    }

    /// <summary>Its number.</summary>
    public int Index { get; }

    /// <summary>Requests that are at the device, or completed and not yet reported. A snapshot.</summary>
    public int InUse => Volatile.Read(ref _inUse);

    /// <summary>The scheduler's name. Any context.</summary>
    public string SchedulerName
    {
        get
        {
            using (_lock.Enter())
            {
                return _scheduler.Name;
            }
        }
    }

    /// <summary>A driver has completed a request. Any context but NMI.</summary>
    [NoAllocation]
    public void RequestDone(BlockRequest request)
    {
        BlockRequest? first = Volatile.Read(ref _done);
        while (true)
        {
            request.NextDone = first;
            BlockRequest? seen = Interlocked.CompareExchange(ref _done, request, first);
            if (ReferenceEquals(seen, first))
            {
                break;
            }

            first = seen;
        }

        Request();
    }

    /// <summary>Gives the device what waits, as far as it has room. Task context or deferred call.</summary>
    [NoAllocation]
    public void Start()
    {
        using (_lock.Enter())
        {
            Dispatch();
        }
    }

    /// <summary>Nothing new goes to the device until <see cref="Thaw"/>; waits until nothing is there. Task context.</summary>
    [MightSleep]
    public void Freeze()
    {
        using (_lock.Enter())
        {
            _frozen++;
        }

        AwaitIdle();
    }

    /// <summary>Ends one <see cref="Freeze"/>. Task context.</summary>
    [NoAllocation]
    public void Thaw()
    {
        using (_lock.Enter())
        {
            _frozen--;
            Dispatch();
        }
    }

    /// <summary>Waits until nothing is at the device. Task context.</summary>
    [MightSleep]
    public void AwaitIdle()
    {
        using WaitQueue.Wait wait = _idle.Begin(mode: WaitMode.Uninterruptible);
        while (true)
        {
            wait.Prepare();
            if (Volatile.Read(ref _inUse) == 0)
            {
                return;
            }

            wait.Sleep();
        }
    }

    /// <summary>Takes another scheduler; what waits goes over to it. With the queue frozen. Task context.</summary>
    public void SetScheduler(IoScheduler scheduler)
    {
        ulong now = Clock.MonotonicNanoseconds;
        using (_lock.Enter())
        {
            while (_scheduler.Next(now, out _) is { } bio)
            {
                scheduler.Insert(bio, now);
            }

            _scheduler = scheduler;
        }
    }

    /// <summary>The disk is gone: all that waits fails. Task context.</summary>
    [NoAllocation]
    public void FailWaiting()
    {
        while (true)
        {
            Bio? bio;
            ulong now = Clock.MonotonicNanoseconds;
            using (_lock.Enter())
            {
                Collect(now);
                bio = _commands.TakeFirst() ?? _scheduler.Next(now, out _);
                if (bio is null && _refused is { } refused)
                {
                    // As if the driver had taken it and failed.
                    _refused = null;
                    refused.Complete(Errno.ENODEV);
                }
            }

            if (bio is null)
            {
                return;
            }

            _disk.End(bio, Errno.ENODEV, now);
        }
    }

    /// <summary>Asks the driver about requests that are late. Task context.</summary>
    /// <returns>One is at the device: look again later.</returns>
    [NoAllocation]
    public bool CheckTimeouts()
    {
        ulong now = Clock.MonotonicNanoseconds;
        using (_lock.Enter())
        {
            foreach (BlockRequest request in _requests)
            {
                // With the lock held no tag is used again; a completion that comes now is found by Complete.
                if (request.IsAtDevice && now >= request.Deadline && !ReferenceEquals(request, _refused))
                {
                    request.Postpone(now + _disk.Options.TimeoutNanoseconds);
                    _disk.CountTimeout();
                    _disk.Driver.TimedOut(request);
                }
            }

            return _inUse != 0;
        }
    }

    /// <summary>Reports what has completed, and lets follow what waits.</summary>
    [NoAllocation]
    protected override void Run()
    {
        ulong now = Clock.MonotonicNanoseconds;

        // In the order of completion.
        BlockRequest? done = null;
        for (BlockRequest? taken = Interlocked.Exchange(ref _done, null); taken is not null;)
        {
            BlockRequest? next = taken.NextDone;
            taken.NextDone = done;
            done = taken;
            taken = next;
        }

        while (done is { } request)
        {
            done = request.NextDone;
            request.NextDone = null;
            Bio? first = request.First;
            Errno error = request.Error;
            request.Release();
            bool isIdle;
            using (_lock.Enter())
            {
                request.NextFree = _free;
                _free = request;
                isIdle = --_inUse == 0;
            }

            _disk.End(first, error, now);
            if (isIdle)
            {
                _idle.WakeAll();
            }
        }

        Start();
    }

    [NoAllocation]
    [RequiresLock(nameof(_lock))]
    private void Collect(ulong now)
    {
        // One from each CPU in turn, so that none is passed over.
        int empty = 0;
        while (empty < _sources.Length)
        {
            SoftwareQueue source = _sources[_nextSource];
            _nextSource = _nextSource + 1 == _sources.Length ? 0 : _nextSource + 1;
            Bio? bio = source.HasWaiting ? source.Take() : null;
            if (bio is null)
            {
                empty++;
                continue;
            }

            empty = 0;
            if (bio.Operation == BlockOperation.Flush)
            {
                _commands.Add(bio);
            }
            else
            {
                _scheduler.Insert(bio, now);
            }
        }
    }

    [NoAllocation]
    [RequiresLock(nameof(_lock))]
    private void Dispatch()
    {
        ulong now = Clock.MonotonicNanoseconds;
        bool submitted = false;
        if (_refused is { } refused)
        {
            if (!_disk.Driver.Submit(refused))
            {
                return;
            }

            _refused = null;
            submitted = true;
        }

        // What finds no tag stays in the software queues, where neighbours still find it.
        while (_frozen == 0 && _free is { } request)
        {
            Collect(now);
            Bio? bio = _commands.TakeFirst();
            if (bio is null)
            {
                bio = _scheduler.Next(now, out int merged);
                for (; merged > 0; merged--)
                {
                    _disk.CountMerge(bio!);
                }
            }

            if (bio is null)
            {
                break;
            }

            _free = request.NextFree;
            _inUse++;
            request.Begin(bio, now + _disk.Options.TimeoutNanoseconds);
            _disk.WatchTimeouts();
            if (!_disk.Driver.Submit(request))
            {
                _refused = request;
                break;
            }

            submitted = true;
        }

        if (submitted)
        {
            _disk.Driver.Commit(Index);
        }
    }
}
