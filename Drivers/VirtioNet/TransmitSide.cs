using CosmosKernel.Drivers.Virtio;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Modules.Devices;
using CosmosKernel.Modules.Network;
using CosmosKernel.Tasks.Deferred;

namespace CosmosKernel.Drivers.VirtioNet;

/// <summary>The queue that frames go to. All of them have the same header, in memory of its own: nothing is asked of the device but to send them, and a frame that others look at is not written to.</summary>
internal sealed class TransmitSide : DeferredCall
{
    private static readonly LockClass s_class = LockClasses.Register("virtio net transmit");

    private readonly VirtioDevice _device;
    private readonly DmaBuffer _header;
    private readonly int _headerBytes;

    // Of tasks and deferred calls: the interrupt handler only requests this.
    private SpinLock _lock = new(s_class);

    [GuardedBy(nameof(_lock))]
    private readonly VirtQueue _queue;

    // By token; what the device has. A token that is free stands in the stack.
    [GuardedBy(nameof(_lock))]
    private readonly PacketBuffer?[] _packets;

    [GuardedBy(nameof(_lock))]
    private readonly int[] _free;

    [GuardedBy(nameof(_lock))]
    private int _freeCount;

    [GuardedBy(nameof(_lock))]
    private bool _isDrained;

    [GuardedBy(nameof(_lock))]
    private readonly DmaSegment[] _segments = new DmaSegment[2];

    [Protocol("Set before the first frame; the network device stays the same.")]
    private NetworkDevice? _network;

    [MightSleep]
    public TransmitSide(VirtioDevice device, VirtQueue queue, int headerBytes)
    {
        _device = device;
        _queue = queue;
        _headerBytes = headerBytes;
        _header = device.Pci.AllocateDma(headerBytes);
        _packets = new PacketBuffer?[queue.Size];
        _free = new int[queue.Size];
        for (int i = 0; i < _free.Length; i++)
        {
            _free[i] = i;
        }

        _freeCount = _free.Length;
    }

    /// <summary>Says whose frames they are. Before the first one.</summary>
    public void Attach(NetworkDevice network) => _network = network;

    /// <summary>Gives the device a frame. Preemption off.</summary>
    /// <returns>False: there is no room, and <see cref="TransmitQueue.Wake"/> follows.</returns>
    [NoAllocation]
    public bool TrySend(PacketBuffer packet)
    {
        using (_lock.Enter())
        {
            Reclaim();
            if (_isDrained)
            {
                // Nothing is sent by a device that is broken.
                GiveUp(packet);
                return true;
            }

            _segments[0] = new DmaSegment(_header.PhysicalAddress, _headerBytes);
            _segments[1] = new DmaSegment(packet.PhysicalAddress, packet.Length);
            if (_freeCount == 0 || !_queue.TryAdd(_segments, [], _free[_freeCount - 1]))
            {
                return false;
            }

            _packets[_free[--_freeCount]] = packet;
            return true;
        }
    }

    /// <summary>Notifies the device. Preemption off.</summary>
    [NoAllocation]
    public void Commit()
    {
        using (_lock.Enter())
        {
            if (!_isDrained)
            {
                _device.Kick(_queue);
            }
        }
    }

    /// <summary>How many frames the device has. Task context.</summary>
    [MightSleep]
    public int CountOutstanding()
    {
        using (_lock.Enter())
        {
            Reclaim();
            return _packets.Length - _freeCount;
        }
    }

    /// <summary>The device is broken and its frames were taken back: those that wait for room come, and are given up as well. Any context but NMI.</summary>
    [NoAllocation]
    public void WakeWaiting() => _network?.TransmitQueues[0].Wake();

    /// <summary>The device is stopped or broken: takes all frames back, which count as errors. Task context.</summary>
    [MightSleep]
    public void Drain()
    {
        CancelAndWait();
        using (_lock.Enter())
        {
            _isDrained = true;
            for (int token = 0; token < _packets.Length; token++)
            {
                if (_packets[token] is { } packet)
                {
                    _packets[token] = null;
                    GiveUp(packet);
                }
            }
        }
    }

    /// <inheritdoc/>
    [NoAllocation]
    protected override void Run()
    {
        using (_lock.Enter())
        {
            Reclaim();
        }

        WakeWaiting();
    }

    [NoAllocation]
    private void GiveUp(PacketBuffer packet)
    {
        _network?.Statistics.CountSendError();
        packet.Release();
    }

    [NoAllocation]
    [RequiresLock(nameof(_lock))]
    private void Reclaim()
    {
        while (!_isDrained && _queue.TryTake(out int token, out _))
        {
            _packets[token]?.Release();
            _packets[token] = null;
            _free[_freeCount++] = token;
        }

        if (!_isDrained && _queue.Fault != VirtQueueFault.None)
        {
            _device.Break(_queue);
        }
    }
}
