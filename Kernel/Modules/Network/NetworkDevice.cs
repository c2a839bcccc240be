using System;
using System.Buffers.Binary;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Deferred.Work;

namespace CosmosKernel.Modules.Network;

/// <summary>
/// A network device: made by a driver (<see cref="ModuleContext.AddNetworkDevice"/>), used by whoever sends frames (<see cref="Transmit"/>) and receives them (<see cref="PacketHandler"/>). Frames have a header of
/// Ethernet. While it is up, its module is in use. Properties: any context, outdated at once.
/// </summary>
public sealed partial class NetworkDevice : IDisposable
{
    private static readonly LockClass s_backlogClass = LockClasses.Register("network backlog");

    [Immutable]
    private readonly TransmitQueue[] _queues;

    private readonly NetworkDriver _driver;
    private readonly Backlog _backlog;
    private readonly CarrierWork _carrierWork;

    // The module as it was started when it added the device.
    private readonly ModuleContext _owner;

    [Atomic]
    private int _isUp;

    [Atomic]
    private int _hasCarrier;

    [Atomic]
    private long _carrierChanges;

    internal NetworkDevice(ModuleContext owner, NetworkDeviceOptions options, NetworkDriver driver, string name, int index)
    {
        _owner = owner;
        Options = options;
        Index = index;
        _driver = driver;
        _name = name;
        _mtu = options.Mtu;
        _setFlags = (int)((options.Type == HardwareType.Ethernet ? InterfaceFlags.Multicast : 0)
            | ((options.Features & NetworkFeatures.NoAddressResolution) != 0 ? InterfaceFlags.NoAddressResolution : 0));
        _transmitQueueLength = options.TransmitQueueLength;
        _address = options.Address.Length > 0 ? options.Address.ToArray() : NetworkDevices.RandomAddress();
        _hasCarrier = (options.Features & NetworkFeatures.ReportsCarrier) == 0 ? 1 : 0;
        _queues = new TransmitQueue[options.TransmitQueues];
        for (int i = 0; i < _queues.Length; i++)
        {
            _queues[i] = new TransmitQueue(this, driver, i);
        }

        _backlog = new Backlog(this);
        _carrierWork = new CarrierWork(this);
    }

    /// <summary>Whose it is.</summary>
    public ModuleEntry Module => _owner.Module;

    /// <summary>What its driver said of it.</summary>
    public NetworkDeviceOptions Options { get; }

    /// <summary>A number that no other device has or had since boot, 1 and up.</summary>
    public int Index { get; }

    /// <summary>What it counts.</summary>
    public NetworkStatistics Statistics { get; } = new();

    /// <summary>It is in use: frames can be sent and received.</summary>
    public bool IsUp => Volatile.Read(ref _isUp) != 0;

    /// <summary>A cable is there, as far as the device tells.</summary>
    public bool HasCarrier => Volatile.Read(ref _hasCarrier) != 0;

    /// <summary>How often the carrier came or went.</summary>
    public long CarrierChanges => Volatile.Read(ref _carrierChanges);

    /// <summary>Its queues for sending.</summary>
    public ReadOnlySpan<TransmitQueue> TransmitQueues => _queues;

    /// <summary>Sends a frame, which begins with its header of Ethernet. Takes the buffer over, whatever it returns. Task context or deferred call; not in <see cref="NetworkDriver.Transmit"/>. Never waits.</summary>
    /// <returns>
    /// Ok: the driver has it, or it waits in the queue. ENETDOWN: the device is down or has no carrier. ENOBUFS: the queue is full. EMSGSIZE: it is longer than the MTU allows. EINVAL: it is shorter than a header.
    /// EBUSY: it is on its way already, in a queue or to handlers (<see cref="PacketBuffer"/>).
    /// </returns>
    [NoAllocation]
    public Errno Transmit(PacketBuffer packet)
    {
        int length = packet.Length;
        Errno refused = length < EtherType.HeaderBytes ? Errno.EINVAL
            : length - EtherType.HeaderBytes > Mtu ? Errno.EMSGSIZE
            : !IsUp || !HasCarrier ? Errno.ENETDOWN
            : !packet.TryBeginWay() ? Errno.EBUSY
            : Errno.Ok;
        if (refused != Errno.Ok)
        {
            Statistics.CountSendDrop();
            packet.Release();
            return refused;
        }

        packet.Device = this;
        packet.Kind = PacketKind.Outgoing;
        packet.Time = Clock.MonotonicNanoseconds;
        packet.Protocol = BinaryPrimitives.ReadUInt16BigEndian(packet.Bytes[(2 * EtherType.AddressBytes)..]);
        PacketHandlers.ShowOutgoing(packet, this);
        TransmitQueue[] queues = _queues;
        int queue = packet.Queue >= 0 ? packet.Queue : Cpu.CurrentIndex;
        return queues[queues.Length == 1 ? 0 : queue % queues.Length].Send(packet);
    }

    /// <summary>
    /// Hands a received frame to those who want it. Takes the buffer over; one that is on its way already is dropped (<see cref="PacketBuffer"/>). For drivers, in <see cref="ReceivePoll.Poll"/> only, without a lock
    /// that a handler could want.
    /// </summary>
    [NoAllocation]
    public void Deliver(PacketBuffer packet)
    {
        if (packet.TryBeginWay())
        {
            DeliverOnItsWay(packet);
            packet.EndWay();
        }
        else
        {
            Statistics.CountReceiveDrop();
        }

        packet.Release();
    }

    /// <summary>
    /// Hands in a received frame, which is delivered in a deferred call soon: for devices without interrupts to turn off, and where a frame comes in <see cref="NetworkDriver.Transmit"/> of another device. Takes the
    /// buffer over; one that is on its way already is dropped (<see cref="PacketBuffer"/>). Any context but NMI.
    /// </summary>
    [NoAllocation]
    public void QueueReceived(PacketBuffer packet) => _backlog.Add(packet);

    /// <summary>The cable is there, or not. For drivers that said <see cref="NetworkFeatures.ReportsCarrier"/>; any context but NMI. Who wants to know is told soon, by <see cref="NetworkEvent.Carrier"/>.</summary>
    [NoAllocation]
    public void SetCarrier(bool hasCarrier)
    {
        if (Interlocked.Exchange(ref _hasCarrier, hasCarrier ? 1 : 0) != (hasCarrier ? 1 : 0))
        {
            Interlocked.Increment(ref _carrierChanges);
            _carrierWork.Queue();
        }
    }

    /// <summary>Takes the device down if it is up, and away. Task context; of several calls one acts.</summary>
    [MightSleep]
    public void Dispose() => NetworkDevices.Remove(this);

    [NoAllocation]
    private void DeliverOnItsWay(PacketBuffer packet)
    {
        if (!IsUp)
        {
            return;
        }

        int length = packet.Length;
        if (length < EtherType.HeaderBytes)
        {
            Statistics.CountReceiveError(isLength: true);
            return;
        }

        ReadOnlySpan<byte> header = packet.Bytes[..EtherType.HeaderBytes];
        packet.Kind = KindOf(header[..EtherType.AddressBytes]);
        packet.Protocol = BinaryPrimitives.ReadUInt16BigEndian(header[(2 * EtherType.AddressBytes)..]);
        packet.Device = this;
        packet.Time = Clock.MonotonicNanoseconds;
        Statistics.CountReceived(length, packet.Kind == PacketKind.Multicast);
        if (!PacketHandlers.Deliver(packet, this))
        {
            Statistics.CountReceiveDrop();
        }
    }

    private PacketKind KindOf(ReadOnlySpan<byte> destination)
    {
        byte first = destination[0];
        if ((first & 1) == 0)
        {
            return destination.SequenceEqual(Address) ? PacketKind.ToThisHost : PacketKind.ToOther;
        }

        bool isBroadcast = true;
        foreach (byte value in destination)
        {
            isBroadcast &= value == 0xFF;
        }

        return isBroadcast ? PacketKind.Broadcast : PacketKind.Multicast;
    }

    // Frames that were handed in outside of a poll.
    private sealed class Backlog(NetworkDevice device) : ReceivePoll
    {
        // As Linux's net.core.netdev_max_backlog.
        private const int Most = 1000;

        private IrqSpinLock _lock = new(s_backlogClass);

        [GuardedBy(nameof(_lock))]
        private PacketBuffer? _first;

        [GuardedBy(nameof(_lock))]
        private PacketBuffer? _last;

        [GuardedBy(nameof(_lock))]
        private int _count;

        // Counted where it may be a hard interrupt; moved to the statistics by the poll.
        [Atomic]
        private int _dropped;

        [NoAllocation]
        public void Add(PacketBuffer packet)
        {
            bool isAdded;
            bool isFree = packet.TryBeginWay();
            using (_lock.Enter())
            {
                isAdded = isFree && _count < Most;
                if (isAdded)
                {
                    packet.Next = null;
                    if (_last is null)
                    {
                        _first = packet;
                    }
                    else
                    {
                        _last.Next = packet;
                    }

                    _last = packet;
                    _count++;
                }
            }

            if (!isAdded)
            {
                Interlocked.Increment(ref _dropped);
                if (isFree)
                {
                    packet.EndWay();
                }

                packet.Release();
            }

            Schedule();
        }

        [MightSleep]
        public void Clear()
        {
            CancelAndWait();
            while (Take() is { } packet)
            {
                packet.EndWay();
                packet.Release();
            }
        }

        [NoAllocation]
        protected override int Poll(int budget)
        {
            for (int dropped = Interlocked.Exchange(ref _dropped, 0); dropped > 0; dropped--)
            {
                device.Statistics.CountReceiveDrop();
            }

            int done = 0;
            while (done < budget && Take() is { } packet)
            {
                device.DeliverOnItsWay(packet);
                packet.EndWay();
                packet.Release();
                done++;
            }

            return done;
        }

        [NoAllocation]
        private PacketBuffer? Take()
        {
            using (_lock.Enter())
            {
                PacketBuffer? packet = _first;
                if (packet is not null)
                {
                    _first = packet.Next;
                    _last = _first is null ? null : _last;
                    _count--;
                    packet.Next = null;
                }

                return packet;
            }
        }
    }

    private sealed class CarrierWork(NetworkDevice device) : WorkItem(WorkQueues.Default)
    {
        [MightSleep]
        protected override void Execute() => device.Announce(NetworkEvent.Carrier);
    }
}
