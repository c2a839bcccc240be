using System;
using CosmosKernel.Drivers.Virtio;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Devices;
using CosmosKernel.Modules.Network;

namespace CosmosKernel.Drivers.VirtioNet;

/// <summary>The queue that frames come from. The device always has as many buffers as the queue holds: for each that is taken out, a fresh one goes in, or the same again when there is none.</summary>
internal sealed class ReceiveSide : ReceivePoll
{
    private static readonly LockClass s_class = LockClasses.Register("virtio net receive");

    private readonly VirtioDevice _device;
    private readonly PacketPool _pool;
    private readonly int _headerBytes;
    private readonly int _frameBytes;
    private readonly int _segmentsEach;

    // The interrupt handler turns the queue's interrupts off.
    private IrqSpinLock _lock = new(s_class);

    [GuardedBy(nameof(_lock))]
    private readonly VirtQueue _queue;

    // By token; what the device has.
    [GuardedBy(nameof(_lock))]
    private readonly PacketBuffer?[] _packets;

    [GuardedBy(nameof(_lock))]
    private readonly DmaSegment[] _segments = new DmaSegment[2];

    [GuardedBy(nameof(_lock))]
    private bool _isOpen;

    // The device has no buffer, and gets none any more.
    [GuardedBy(nameof(_lock))]
    private bool _isDrained;

    [Protocol("Set by Open, before a frame is taken; the network device stays the same.")]
    private NetworkDevice? _network;

    /// <summary>Makes it; <see cref="Fill"/> gives the device its buffers.</summary>
    [MightSleep]
    public ReceiveSide(VirtioDevice device, VirtQueue queue, PacketPool pool, int headerBytes, int frameBytes)
    {
        _device = device;
        _queue = queue;
        _pool = pool;
        _headerBytes = headerBytes;
        _frameBytes = frameBytes;
        _segmentsEach = device.IsLegacy ? 2 : 1;
        Depth = queue.Size / _segmentsEach;
        _packets = new PacketBuffer?[Depth];
    }

    /// <summary>How many buffers the device has at once.</summary>
    public int Depth { get; }

    /// <summary>Frames lie in the queue that nobody has taken. Any context but NMI.</summary>
    internal bool HasFrames
    {
        get
        {
            using (_lock.Enter())
            {
                return _queue.HasUsed;
            }
        }
    }

    /// <summary>It was drained, and takes no frame any more. Any context but NMI.</summary>
    internal bool IsDrained
    {
        get
        {
            using (_lock.Enter())
            {
                return _isDrained;
            }
        }
    }

    /// <summary>Gives the device all buffers. Before it interrupts.</summary>
    [MightSleep]
    public void Fill()
    {
        using (_lock.Enter())
        {
            _queue.DisableInterrupts();
            for (int token = 0; token < _packets.Length; token++)
            {
                if (_pool.TryTake() is { } packet)
                {
                    Add(token, packet);
                }
            }
        }
    }

    /// <summary>The device works, and is told of the buffers. Any context but NMI.</summary>
    [NoAllocation]
    public void Publish()
    {
        using (_lock.Enter())
        {
            if (!_isDrained)
            {
                _device.Kick(_queue);
            }
        }
    }

    /// <summary>Frames are delivered from now on, those that came before are not. Task context.</summary>
    /// <param name="network">Whose frames they are.</param>
    /// <returns>False: the device is broken, and its buffers are gone.</returns>
    [MightSleep]
    public bool Open(NetworkDevice network)
    {
        _network = network;
        using (_lock.Enter())
        {
            if (_isDrained)
            {
                return false;
            }

            while (_queue.TryTake(out int token, out _))
            {
                Add(token, _packets[token]!);
            }

            _device.Kick(_queue);
            _isOpen = true;
        }

        Schedule();
        return true;
    }

    /// <summary>No frame is delivered any more. Task context.</summary>
    [MightSleep]
    public void Close()
    {
        using (_lock.Enter())
        {
            _isOpen = false;
            _queue.DisableInterrupts();
        }

        CancelAndWait();
    }

    /// <summary>The device is stopped or broken: takes the buffers back. Task context.</summary>
    [MightSleep]
    public void Drain()
    {
        CancelAndWait();
        using (_lock.Enter())
        {
            _isOpen = false;
            _isDrained = true;
            for (int token = 0; token < _packets.Length; token++)
            {
                _packets[token]?.Release();
                _packets[token] = null;
            }
        }
    }

    /// <summary>The device has frames.</summary>
    [InterruptContext]
    public void OnInterrupt()
    {
        using (_lock.Enter())
        {
            if (_isDrained)
            {
                return;
            }

            _queue.DisableInterrupts();
        }

        Schedule();
    }

    /// <inheritdoc/>
    [NoAllocation]
    protected override int Poll(int budget)
    {
        int done = 0;
        while (done < budget)
        {
            PacketBuffer? packet;
            uint written;
            using (_lock.Enter())
            {
                if (!TryTake(out packet, out written))
                {
                    if (_isDrained)
                    {
                        break;
                    }

                    // Either the device interrupts for the next one, or it is there already.
                    if (_queue.Fault != VirtQueueFault.None)
                    {
                        _device.Break(_queue);
                        break;
                    }

                    _device.Kick(_queue);
                    if (!_isOpen || !_queue.EnableInterrupts())
                    {
                        break;
                    }

                    _queue.DisableInterrupts();
                    continue;
                }
            }

            done++;
            if (packet is null)
            {
                _network!.Statistics.CountReceiveDrop();
            }
            else if (written <= _headerBytes || !packet.TrySetLength((int)written - _headerBytes))
            {
                _network!.Statistics.CountReceiveError(isLength: true);
                packet.Release();
            }
            else
            {
                packet.Queue = 0;
                _network!.Deliver(packet);
            }
        }

        if (done == budget)
        {
            Publish();
        }

        return done;
    }

    // True: a frame came; it is null when there was no other buffer to put in its place.
    [NoAllocation]
    [RequiresLock(nameof(_lock))]
    private bool TryTake(out PacketBuffer? packet, out uint written)
    {
        packet = null;
        if (!_isOpen || _isDrained || !_queue.TryTake(out int token, out written))
        {
            written = 0;
            return false;
        }

        PacketBuffer filled = _packets[token]!;
        if (_pool.TryTake() is { } fresh)
        {
            packet = filled;
            Add(token, fresh);
        }
        else
        {
            Add(token, filled);
        }

        return true;
    }

    // The header lies in the headroom: a legacy device wants it apart (section 5.1.6.3.1 and 2.7.4.3).
    [NoAllocation]
    [RequiresLock(nameof(_lock))]
    private void Add(int token, PacketBuffer packet)
    {
        packet.TryReset();
        ulong start = packet.PhysicalAddress;
        if (_segmentsEach == 2)
        {
            _segments[0] = new DmaSegment(start - (ulong)_headerBytes, _headerBytes);
            _segments[1] = new DmaSegment(start, _frameBytes);
        }
        else
        {
            _segments[0] = new DmaSegment(start - (ulong)_headerBytes, _headerBytes + _frameBytes);
        }

        _packets[token] = packet;
        _queue.TryAdd([], _segments.AsSpan(0, _segmentsEach), token);
    }
}
