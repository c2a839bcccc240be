using System;
using System.Numerics;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Drivers.Virtio;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Network;
using CosmosKernel.Tasks.Deferred.Work;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Drivers.VirtioNet;

/// <summary>One virtio network card (Virtual I/O Device 1.2, section 5.1) and its network device: one pair of queues, and the one for commands.</summary>
internal sealed class VirtioNetDevice : NetworkDriver
{
    // Destination, source, a tag of IEEE 802.1Q, EtherType.
    private const int FrameOverhead = 18;
    private const int StandardMtu = 1500;
    private const int LargestMtu = 9000;
    private const ulong Millisecond = 1_000_000;
    private const ulong SendPatience = 30_000 * Millisecond;

    private readonly ModuleContext _context;
    private readonly VirtioDevice _device;
    private readonly LinkWork _link;
    private readonly Completion _broken = new("virtio net");
    private readonly PacketPool _pool;
    private readonly ReceiveSide _receive;
    private readonly TransmitSide _transmit;
    private readonly ControlSide? _control;
    private readonly int _mtu;

    // Null until the device works.
    [Atomic]
    private NetworkDevice? _network;

    [Atomic]
    private int _isLeaving;

    /// <summary>Negotiates with an opened device and makes its queues. Task context.</summary>
    [MightSleep]
    public VirtioNetDevice(ModuleContext context, VirtioDevice device, int depth)
    {
        _context = context;
        _device = device;
        _link = new LinkWork(this);
        device.Negotiate(NetFeatures.All);
        int header = device.IsLegacy ? NetFeatures.LegacyHeaderBytes : NetFeatures.HeaderBytes;
        _mtu = device.Has(NetFeatures.Mtu) ? Math.Clamp(device.Config.Read16(NetFeatures.MtuOffset), (ushort)68, (ushort)LargestMtu) : StandardMtu;
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)depth);
        VirtQueue receive = device.AddQueue(NetFeatures.ReceiveQueue, size);
        VirtQueue transmit = device.AddQueue(NetFeatures.TransmitQueue, size, indirectSegments: 2);
        if (device.Has(NetFeatures.ControlQueue))
        {
            _control = new ControlSide(device, device.AddQueue(NetFeatures.ControlQueueIndex, 16), _broken);
        }

        // Twice what the device has: the other half is on its way through the kernel.
        _pool = context.CreatePacketPool(2 * receive.Size, PacketBuffer.DefaultHeadroom + FrameOverhead + _mtu);
        _receive = new ReceiveSide(device, receive, _pool, header, FrameOverhead + _mtu);
        _transmit = new TransmitSide(device, transmit, header);
    }

    internal VirtioDevice Device => _device;

    internal ReceiveSide Receive => _receive;

    internal ControlSide? Control => _control;

    /// <summary>Starts the device and registers its network device. Task context.</summary>
    [MightSleep]
    public void Start()
    {
        byte[] address = [];
        if (_device.Has(NetFeatures.Address))
        {
            address = new byte[EtherType.AddressBytes];
            for (int i = 0; i < address.Length; i++)
            {
                address[i] = _device.Config.Read8(NetFeatures.AddressOffset + i);
            }
        }

        var options = new NetworkDeviceOptions
        {
            Address = address,
            Mtu = Math.Min(_mtu, StandardMtu),
            MaximumMtu = _mtu,
            Features = NetworkFeatures.ReportsCarrier,
        };
        _receive.Fill();
        NetworkDevice network;
        try
        {
            _device.Start(new Listener(this));
            _receive.Publish();

            // Last: from here on it may go up, and the device is given commands.
            network = _context.AddNetworkDevice(options, this);
        }
        catch
        {
            Remove();
            throw;
        }

        Volatile.Write(ref _network, network);
        _link.Queue();
        _context.Log.Info($"{network.Name}: {Convert.ToHexString(network.Address)}, {_receive.Depth} buffers, {_device.InterruptMode}{(_device.IsLegacy ? ", legacy" : "")}");
    }

    /// <summary>The device goes away. Task context.</summary>
    [MightSleep]
    public void Remove()
    {
        // Who hears of the network device hears nothing of its carrier behind its end.
        Volatile.Write(ref _isLeaving, 1);
        _link.CancelAndWait();
        if (Volatile.Read(ref _network) is { } network)
        {
            _context.Release(network);
        }

        _device.Stop();
        _link.CancelAndWait();
        Drain();
        _context.Release(_pool);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Open(NetworkDevice device)
    {
        if (_device.IsBroken)
        {
            return Errno.EIO;
        }

        _transmit.Attach(device);
        ReceiveModeChanged(device);

        // It may have broken meanwhile.
        return !_device.IsBroken && _receive.Open(device) ? Errno.Ok : Errno.EIO;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Stop(NetworkDevice device)
    {
        _receive.Close();

        // What the device does not send in this time it keeps until it is removed. A kill does not shorten that.
        ulong end = Clock.MonotonicNanoseconds + SendPatience;
        while (!_device.IsBroken && _transmit.CountOutstanding() > 0 && Clock.MonotonicNanoseconds is ulong now && now < end)
        {
            _broken.Wait(now + Millisecond);
        }
    }

    /// <inheritdoc/>
    [NoAllocation]
    public override bool Transmit(PacketBuffer packet, TransmitQueue queue) => _transmit.TrySend(packet);

    /// <inheritdoc/>
    [NoAllocation]
    public override void Commit(TransmitQueue queue) => _transmit.Commit();

    /// <inheritdoc/>
    [MightSleep]
    public override Errno ChangeAddress(NetworkDevice device, ReadOnlySpan<byte> address)
    {
        if (_control is not null && _device.Has(NetFeatures.AddressControl))
        {
            return _control.TryCommand(NetFeatures.AddressClass, NetFeatures.SetAddress, address) ? Errno.Ok : Errno.EIO;
        }

        if (!_device.IsLegacy || !_device.Has(NetFeatures.Address))
        {
            return Errno.EOPNOTSUPP;
        }

        // Only before version 1.0 the configuration can be written (section 5.1.4).
        for (int i = 0; i < address.Length; i++)
        {
            _device.Config.Write8(NetFeatures.AddressOffset + i, address[i]);
        }

        return Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void ReceiveModeChanged(NetworkDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (_control is null || !_device.Has(NetFeatures.ReceiveControl))
        {
            return;
        }

        // No table of groups is kept in the device, so it gives the frames of all: handlers choose.
        bool isDone = _control.TryCommand(NetFeatures.ReceiveClass, NetFeatures.Promiscuous, [device.IsPromiscuous ? (byte)1 : (byte)0]);
        isDone &= _control.TryCommand(NetFeatures.ReceiveClass, NetFeatures.AllGroups, [1]);
        if (!isDone)
        {
            _context.Log.Warning($"{device.Name}: the card does not take the choice of frames");
        }
    }

    [MightSleep]
    private void Drain()
    {
        _receive.Drain();
        _transmit.Drain();
    }

    // A device that does not tell has its cable. Only for the work item, of which one runs at a time: what was read last is what is said last.
    private void ReadLink()
    {
        if (Volatile.Read(ref _isLeaving) == 0 && Volatile.Read(ref _network) is { } network)
        {
            network.SetCarrier(!_device.IsBroken && (!_device.Has(NetFeatures.Status) || (_device.Config.Read16(NetFeatures.StatusOffset) & NetFeatures.LinkUp) != 0));
        }
    }

    private sealed class Listener(VirtioNetDevice card) : VirtioListener
    {
        [InterruptContext]
        public override void OnQueue(int queue)
        {
            if (queue == NetFeatures.ReceiveQueue)
            {
                card._receive.OnInterrupt();
            }
            else if (queue == NetFeatures.TransmitQueue)
            {
                card._transmit.Request();
            }
        }

        [InterruptContext]
        public override void OnConfigurationChange() => card._link.Queue();

        [MightSleep]
        public override void OnBroken(string reason)
        {
            card._broken.CompleteAll();
            card._link.Queue();
            card.Drain();
            card._transmit.WakeWaiting();
        }
    }

    private sealed class LinkWork(VirtioNetDevice card) : WorkItem(WorkQueues.Default)
    {
        [MightSleep]
        protected override void Execute() => card.ReadLink();
    }
}
