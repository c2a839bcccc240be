using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Locking.PerCpu;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Log;
using CosmosKernel.Tasks.Deferred.Work;
using CosmosKernel.Tasks.Scheduling;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Modules.Block;

/// <summary>
/// A disk: made and registered by a driver, used by the block cache and by whoever reads and writes sectors. A <see cref="Bio"/> goes through the software queue of the submitting CPU, where it is merged with
/// its neighbours, into a hardware queue's scheduler, and with one of the queue's requests to the driver. Nothing on this way allocates.
/// </summary>
public sealed class Disk : IDisposable
{
    [Atomic]
    private static long s_sequence;

    [Immutable]
    private readonly SoftwareQueue[] _softwareQueues;
    [Immutable]
    private readonly HardwareQueue[] _hardwareQueues;
    private readonly Mutex _changeLock = new("disk");
    private readonly TimeoutCheck _timeouts;

    [Atomic]
    private long _sectors;

    [Atomic]
    private int _logicalBlock;

    [Atomic]
    private int _readsPartitions;

    [Atomic]
    private int _isReadOnly;

    [Atomic]
    private int _isGone;

    [Atomic]
    private int _isDisposed;

    // Tasks between the look at _isGone and the software queue.
    [Atomic]
    private int _submitting;

    [Atomic]
    private long _timedOut;

    [Atomic]
    private int _watching;

    private Disk(string name, uint major, uint minor, DiskOptions options, BlockDriver driver, ModuleContext? owner)
    {
        Owner = owner;
        Name = name;
        Major = major;
        FirstMinor = minor;
        Options = options;
        Driver = driver;
        _sectors = options.Sectors;
        _logicalBlock = options.LogicalBlockBytes;
        _readsPartitions = options.Minors > 1 ? 1 : 0;
        _isReadOnly = options.IsReadOnly ? 1 : 0;
        int cpus = RunQueues.Count;
        int queues = Math.Min(options.HardwareQueues, cpus);
        _softwareQueues = new SoftwareQueue[cpus];
        for (int cpu = 0; cpu < cpus; cpu++)
        {
            _softwareQueues[cpu] = new SoftwareQueue(options.MaximumSegments, options.MaximumSectors);
        }

        _hardwareQueues = new HardwareQueue[queues];
        for (int i = 0; i < queues; i++)
        {
            var sources = new SoftwareQueue[(cpus - i + queues - 1) / queues];
            for (int k = 0; k < sources.Length; k++)
            {
                sources[k] = _softwareQueues[i + (k * queues)];
            }

            _hardwareQueues[i] = new HardwareQueue(this, i, sources, MakeScheduler(options.Scheduler));
        }

        _timeouts = new TimeoutCheck(this);
    }

    /// <summary>Its name: that of its device node.</summary>
    public string Name { get; }

    /// <summary>Major device number.</summary>
    public uint Major { get; }

    /// <summary>Minor device number of the disk itself; those of the first partitions follow.</summary>
    public uint FirstMinor { get; }

    /// <summary>What its driver said of it.</summary>
    public DiskOptions Options { get; }

    /// <summary>A number that no other disk had since boot (BLKGETDISKSEQ).</summary>
    public ulong Sequence { get; } = (ulong)Interlocked.Increment(ref s_sequence);

    /// <summary>Whose it is, as the module was started then, which is in use while the disk is open; null when no module has registered it.</summary>
    public ModuleContext? Owner { get; }

    /// <summary>Its driver.</summary>
    public BlockDriver Driver { get; }

    /// <summary>How much it does.</summary>
    public IoStatistics Statistics { get; } = new();

    /// <summary>Size in sectors of 512 bytes. Any context.</summary>
    public long Sectors => Volatile.Read(ref _sectors);

    /// <summary>Smallest unit in bytes that can be transferred: what the driver said, until it changes that. Any context.</summary>
    public int LogicalBlockBytes => Volatile.Read(ref _logicalBlock);

    /// <summary>Smallest unit in bytes that the device writes without reading first. Any context.</summary>
    public int PhysicalBlockBytes => Math.Max(Options.PhysicalBlockBytes, LogicalBlockBytes);

    /// <summary>Its partition table is looked for, at the start and on demand (BLKRRPART): so it is when its partitions have numbers of its own, until the driver changes that. Any context.</summary>
    public bool ReadsPartitions
    {
        get => Volatile.Read(ref _readsPartitions) != 0;
        set => Volatile.Write(ref _readsPartitions, value ? 1 : 0);
    }

    /// <summary>It refuses writes, by itself or because it was told to. Any context.</summary>
    public bool IsReadOnly => Volatile.Read(ref _isReadOnly) != 0;

    /// <summary>It is being, or has been, removed. Any context.</summary>
    public bool IsGone => Volatile.Read(ref _isGone) != 0;

    /// <summary>How often requests took longer than they should.</summary>
    public long TimedOutRequests => Volatile.Read(ref _timedOut);

    /// <summary>The scheduler's name.</summary>
    public string Scheduler => _hardwareQueues[0].SchedulerName;

    /// <summary>Requests that are at the device. A snapshot.</summary>
    public int AtDevice
    {
        get
        {
            int sum = 0;
            foreach (HardwareQueue queue in _hardwareQueues)
            {
                sum += queue.InUse;
            }

            return sum;
        }
    }

    /// <summary>
    /// Registers a disk; from then on it is used. Module authors call <see cref="ModuleContext.AddDisk"/>. Task context.
    /// </summary>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    /// <exception cref="InvalidOperationException">No device number is left.</exception>
    [MightSleep]
    public static Disk Register(DiskOptions options, BlockDriver driver) => Register(options, driver, null);

    [MightSleep]
    internal static Disk Register(DiskOptions options, BlockDriver driver, ModuleContext? owner)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(driver);
        Verify(options);
        return Disks.Add((name, major, minor) => new Disk(name, major, minor, options, driver, owner), options);
    }

    /// <summary>
    /// Hands in a transfer and, unless more follow at once, starts the device. It completes later, or before this returns. Task context or deferred call, with preemption on or off.
    /// </summary>
    /// <param name="bio">The transfer. Its sectors are on the disk, else it completes with EIO; a write to a read-only disk completes with EPERM.</param>
    /// <param name="moreFollow">The caller hands in more at once and calls <see cref="Start"/> then: neighbours become one request.</param>
    [NoAllocation]
    public void Submit(Bio bio, bool moreFollow = false)
    {
        ulong now = Clock.MonotonicNanoseconds;
        bio.Begin(now);
        Errno refused = Check(bio);
        Statistics.Begin(now);
        bio.Statistics?.Begin(now);
        int cpu;
        using (CpuPin here = CpuPin.Take())
        {
            cpu = here.Cpu;

            // Preemption is off between the two, and a full fence orders them: Remove sees the count, or this sees that the disk is gone.
            Interlocked.Increment(ref _submitting);
            if (refused == Errno.Ok && Volatile.Read(ref _isGone) != 0)
            {
                refused = Errno.ENODEV;
            }

            if (refused == Errno.Ok && _softwareQueues[cpu].Add(bio))
            {
                CountMerge(bio);
            }

            Interlocked.Decrement(ref _submitting);
        }

        if (refused != Errno.Ok)
        {
            End(bio, refused, now);
        }
        else if (!moreFollow)
        {
            _hardwareQueues[cpu % _hardwareQueues.Length].Start();
        }
    }

    /// <summary>Starts the device on what was handed in with more to follow. Task context or deferred call.</summary>
    [NoAllocation]
    public void Start()
    {
        // The task may have moved between its transfers.
        for (int cpu = 0; cpu < _softwareQueues.Length; cpu++)
        {
            if (_softwareQueues[cpu].HasWaiting)
            {
                _hardwareQueues[cpu % _hardwareQueues.Length].Start();
            }
        }
    }

    /// <summary>The device has room again though nothing completed. Task context or deferred call.</summary>
    [NoAllocation]
    public void Resume(int queue) => _hardwareQueues[queue].Start();

    /// <summary>The device has another size now. Task context.</summary>
    [MightSleep]
    public void Resize(long sectors)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sectors);
        if (Interlocked.Exchange(ref _sectors, sectors) != sectors)
        {
            KernelLog.Write(LogLevel.Info, $"{Name}: {sectors} sectors now");
            Disks.Changed(this);
        }
    }

    /// <summary>The device has blocks of another size now; what is on its way may still be of the old one. Any context but NMI.</summary>
    /// <param name="bytes">A power of two, 512 to 4096.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is none of these.</exception>
    public void SetBlockSize(int bytes)
    {
        if (!IsBlock(bytes))
        {
            throw new ArgumentOutOfRangeException(nameof(bytes), "A block has 512 to 4096 bytes, and is a power of two.");
        }

        Volatile.Write(ref _logicalBlock, bytes);
    }

    /// <summary>
    /// Who has written another partition table, or has changed <see cref="ReadsPartitions"/>, says so: the partitions that there are go, and those of the table come (BLKRRPART). Task context, with none of the
    /// driver's locks held that it takes to transfer sectors.
    /// </summary>
    /// <returns>EBUSY: a partition is in use, and nothing was done; ENXIO: the disk is gone.</returns>
    [MightSleep]
    public Errno RereadPartitions() => Disks.RereadPartitions(this);

    /// <summary>Refuses writes from now on, or takes them again (BLKROSET). Task context.</summary>
    /// <returns>EACCES: the device itself cannot be written.</returns>
    public Errno SetReadOnly(bool isReadOnly)
    {
        if (!isReadOnly && Options.IsReadOnly)
        {
            return Errno.EACCES;
        }

        Volatile.Write(ref _isReadOnly, isReadOnly ? 1 : 0);
        return Errno.Ok;
    }

    /// <summary>Changes the scheduler, under load, too. Task context.</summary>
    /// <returns>EINVAL: there is none with that name.</returns>
    [MightSleep]
    public Errno SetScheduler(string name)
    {
        if (!IoScheduler.Exists(name))
        {
            return Errno.EINVAL;
        }

        using (_changeLock.Enter())
        {
            foreach (HardwareQueue queue in _hardwareQueues)
            {
                queue.Freeze();
                queue.SetScheduler(MakeScheduler(name));
                queue.Thaw();
            }
        }

        return Errno.Ok;
    }

    /// <summary>
    /// Takes the disk away: what waits and what comes fails with ENODEV, open files see ENXIO, names vanish. Waits until the driver has completed what it has. Task context; of several calls one acts.
    /// </summary>
    [MightSleep]
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        Disks.Leaving(this);
        Interlocked.Exchange(ref _isGone, 1);
        while (Volatile.Read(ref _submitting) != 0)
        {
            // With preemption off at the other CPU: a matter of microseconds.
            Machine.Cpus.CpuInstructions.Pause();
        }

        foreach (HardwareQueue queue in _hardwareQueues)
        {
            queue.FailWaiting();
        }

        Driver.Stop();
        foreach (HardwareQueue queue in _hardwareQueues)
        {
            queue.FailWaiting();
            queue.AwaitIdle();
            queue.CancelAndWait();
        }

        _timeouts.CancelAndWait();
        Disks.Remove(this);
    }

    /// <summary>A request, or a bio that never became one, has ended. Not in a hard interrupt, no lock held.</summary>
    [NoAllocation]
    internal void End(Bio? first, Errno error, ulong now)
    {
        for (Bio? bio = first; bio is not null;)
        {
            // Its owner may use it again at once.
            Bio? next = bio.NextInRequest;
            bio.NextInRequest = null;
            Statistics.End(bio.Operation, bio.Sectors, bio.Submitted, now);
            bio.Statistics?.End(bio.Operation, bio.Sectors, bio.Submitted, now);
            bio.OnCompleted(error);
            bio = next;
        }
    }

    [NoAllocation]
    internal void CountMerge(Bio bio)
    {
        Statistics.Merge(bio.Operation);
        bio.Statistics?.Merge(bio.Operation);
    }

    [NoAllocation]
    internal void CountTimeout() => Interlocked.Increment(ref _timedOut);

    [NoAllocation]
    internal void WatchTimeouts()
    {
        if (Volatile.Read(ref _watching) == 0 && Interlocked.Exchange(ref _watching, 1) == 0)
        {
            _timeouts.QueueAfter(Options.TimeoutNanoseconds);
        }
    }

    private static bool IsBlock(int bytes) => bytes is >= 512 and <= 4096 && int.IsPow2(bytes);

    private static void Verify(DiskOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(options.Prefix);
        Require(options.Sectors >= 0, nameof(options.Sectors));
        Require(IsBlock(options.LogicalBlockBytes), nameof(options.LogicalBlockBytes));
        Require(options.PhysicalBlockBytes >= options.LogicalBlockBytes && int.IsPow2(options.PhysicalBlockBytes), nameof(options.PhysicalBlockBytes));
        Require(options.Sectors % (options.LogicalBlockBytes / DiskOptions.SectorBytes) == 0, nameof(options.Sectors));
        Require(options.MaximumSegments is >= 1 and <= BlockRequest.SegmentLimit, nameof(options.MaximumSegments));
        Require(options.MaximumSectors >= 8, nameof(options.MaximumSectors));
        Require(options.QueueDepth is >= 1 and <= 1024, nameof(options.QueueDepth));
        Require(options.HardwareQueues >= 1, nameof(options.HardwareQueues));
        Require(options.TimeoutNanoseconds > 0, nameof(options.TimeoutNanoseconds));
        Require(options.Minors >= 1 && uint.IsPow2(options.Minors) && options.Minors <= 256, nameof(options.Minors));
        Require(IoScheduler.Exists(options.Scheduler), nameof(options.Scheduler));

        static void Require(bool isRight, string name)
        {
            if (!isRight)
            {
                throw new ArgumentException($"{name} is out of its range", nameof(options));
            }
        }
    }

    [NoAllocation]
    private Errno Check(Bio bio)
    {
        if (bio.Operation == BlockOperation.Flush)
        {
            return Errno.Ok;
        }

        ulong size = (ulong)Volatile.Read(ref _sectors);
        if (bio.Sector > size || bio.Sectors > size - bio.Sector || bio.Sectors == 0)
        {
            return Errno.EIO;
        }

        return bio.Operation != BlockOperation.Read && IsReadOnly ? Errno.EPERM : Errno.Ok;
    }

    private IoScheduler MakeScheduler(string name) =>
        name == IoScheduler.DeadlineName ? new DeadlineScheduler(Options.MaximumSegments, Options.MaximumSectors) : new FifoScheduler();

    private sealed class TimeoutCheck(Disk disk) : DelayedWorkItem(WorkQueues.Unbound)
    {
        protected override void Execute()
        {
            // Half the time, so that nothing is later than one and a half times.
            bool isBusy = false;
            Interlocked.Exchange(ref disk._watching, 0);
            foreach (HardwareQueue queue in disk._hardwareQueues)
            {
                isBusy |= queue.CheckTimeouts();
            }

            if (isBusy && Interlocked.Exchange(ref disk._watching, 1) == 0)
            {
                QueueAfter(disk.Options.TimeoutNanoseconds / 2);
            }
        }
    }
}
