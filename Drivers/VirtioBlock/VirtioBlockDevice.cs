using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Drivers.Virtio;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Block;
using CosmosKernel.Tasks.Deferred.Work;

namespace CosmosKernel.Drivers.VirtioBlock;

/// <summary>One virtio block device (Virtual I/O Device 1.2, section 5.2) and its disk.</summary>
internal sealed class VirtioBlockDevice : BlockDriver
{
    private const int QueueSize = 256;
    private const int SectorBytes = DiskOptions.SectorBytes;

    // Header and status beside the data.
    private const int ExtraSegments = 2;

    private readonly VirtioDevice _device;
    private readonly Listener _listener;
    private readonly ResizeWork _resize;

    [Immutable]
    private readonly BlockQueue[] _queues;

    private readonly int _depth;
    private readonly int _segments;

    [Atomic]
    private Disk? _disk;

    /// <summary>Negotiates with an opened device and makes its queues. Task context.</summary>
    /// <exception cref="NotSupportedException">The device has limits under which pages cannot be transferred.</exception>
    [MightSleep]
    public VirtioBlockDevice(VirtioDevice device, int queues, int depth)
    {
        _device = device;
        _listener = new Listener(this);
        _resize = new ResizeWork(this);
        device.Negotiate(BlockFeatures.All);
        int longest = device.Has(BlockFeatures.SizeMaximum) ? (int)Math.Min(device.Config.Read32(BlockFeatures.SizeMaximumOffset), 1 << 22) : 1 << 22;
        if (longest < 4096)
        {
            throw new NotSupportedException($"the device takes segments of {longest} bytes at most, and a page has 4096");
        }

        int count = device.Has(BlockFeatures.MultipleQueues) ? device.Config.Read16(BlockFeatures.QueuesOffset) : 1;
        count = Math.Max(1, Math.Min(count, Math.Min(queues == 0 ? Environment.ProcessorCount : queues, Environment.ProcessorCount)));
        uint segments = device.Has(BlockFeatures.SegmentMaximum) ? device.Config.Read32(BlockFeatures.SegmentMaximumOffset) : 1;
        _segments = (int)Math.Clamp(segments, 1, BlockRequest.SegmentLimit);
        _queues = new BlockQueue[count];
        _depth = depth;
        for (int i = 0; i < count; i++)
        {
            VirtQueue queue = device.AddQueue(i, QueueSize, _segments + ExtraSegments);

            // Without indirect descriptors a request takes as many as it has segments; one must fit.
            _segments = Math.Min(_segments, queue.Size - ExtraSegments);
            _depth = Math.Min(_depth, queue.Size - 1);
            _queues[i] = new BlockQueue(device, queue, _depth, longest);
        }
    }

    /// <summary>Starts the device and registers its disk. Task context.</summary>
    [MightSleep]
    public void Start(ModuleContext context)
    {
        _device.Start(_listener);
        string serial = _queues[0].Identify();
        VirtioConfig config = _device.Config;
        bool hasBlock = _device.Has(BlockFeatures.BlockSize);
        uint block = hasBlock ? config.Read32(BlockFeatures.BlockSizeOffset) : SectorBytes;
        if (block is < SectorBytes or > 4096 || !uint.IsPow2(block))
        {
            _device.Stop();
            throw new NotSupportedException($"the device has blocks of {block} bytes; 512 to 4096 are supported");
        }

        bool hasTopology = _device.Has(BlockFeatures.Topology);
        int physical = (int)block << Math.Min((int)(hasTopology ? config.Read8(BlockFeatures.PhysicalExponentOffset) : 0), 8);
        bool hasCache = _device.Has(BlockFeatures.Flush) && (!_device.Has(BlockFeatures.ConfigurableCache) || config.Read8(BlockFeatures.WritebackOffset) != 0);
        var options = new DiskOptions
        {
            Prefix = "vd",
            Sectors = Whole(config.Read64(BlockFeatures.CapacityOffset), block),
            LogicalBlockBytes = (int)block,
            PhysicalBlockBytes = physical,
            OptimalBytes = hasTopology ? (int)Math.Min(config.Read32(BlockFeatures.OptimalSizeOffset) * (ulong)block, 1 << 30) : 0,
            IsReadOnly = _device.Has(BlockFeatures.ReadOnly),
            IsRotational = true,
            HasWriteCache = hasCache,
            MaximumDiscardSectors = _device.Has(BlockFeatures.Discard) ? Math.Min(config.Read32(BlockFeatures.DiscardSectorsOffset), int.MaxValue) : 0,
            MaximumWriteZeroesSectors = _device.Has(BlockFeatures.WriteZeroes) ? Math.Min(config.Read32(BlockFeatures.WriteZeroesSectorsOffset), int.MaxValue) : 0,
            MaximumSegments = _segments,
            QueueDepth = _depth,
            HardwareQueues = _queues.Length,
            Serial = serial,
        };
        Disk disk = context.AddDisk(options, this);
        Volatile.Write(ref _disk, disk);
        context.Log.Info($"{disk.Name}: {_queues.Length} queues of {_depth}, {_device.InterruptMode}{(_device.IsLegacy ? ", legacy" : "")}{(serial.Length > 0 ? $", serial {serial}" : "")}");
    }

    /// <summary>The device goes away. Task context.</summary>
    [MightSleep]
    public void Remove() => Volatile.Read(ref _disk)?.Dispose();

    /// <inheritdoc/>
    [NoAllocation]
    public override bool Submit(BlockRequest request) => _queues[request.Queue].Submit(request);

    /// <inheritdoc/>
    [NoAllocation]
    public override void Commit(int queue) => _queues[queue].Commit();

    /// <inheritdoc/>
    [MightSleep]
    public override void Stop()
    {
        _device.Stop();
        _resize.CancelAndWait();
        EndAll(Errno.ENODEV);
    }

    private static long Whole(ulong sectors, uint block) => (long)Math.Min(sectors - (sectors % (block / SectorBytes)), long.MaxValue / SectorBytes);

    [NoAllocation]
    private void EndAll(Errno error)
    {
        foreach (BlockQueue queue in _queues)
        {
            queue.Stop(error);
        }
    }

    private sealed class Listener(VirtioBlockDevice device) : VirtioListener
    {
        [InterruptContext]
        public override void OnQueue(int queue) => device._queues[queue].OnInterrupt();

        [InterruptContext]
        public override void OnConfigurationChange() => device._resize.Queue();

        [MightSleep]
        public override void OnBroken(string reason) => device.EndAll(Errno.EIO);
    }

    private sealed class ResizeWork(VirtioBlockDevice device) : WorkItem(WorkQueues.Default)
    {
        [MightSleep]
        protected override void Execute()
        {
            if (Volatile.Read(ref device._disk) is { IsGone: false } disk)
            {
                disk.Resize(Whole(device._device.Config.Read64(BlockFeatures.CapacityOffset), (uint)disk.Options.LogicalBlockBytes));
            }
        }
    }
}
