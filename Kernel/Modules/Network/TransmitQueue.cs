using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Deferred;
using SpinLock = CosmosKernel.Machine.Locking.SpinLock;

namespace CosmosKernel.Modules.Network;

/// <summary>One of a device's queues for sending. Frames go to the driver at once; when it has no room they wait here, in order, until it says that there is some again.</summary>
public sealed class TransmitQueue : DeferredCall
{
    private static readonly LockClass s_class = LockClasses.Register("transmit queue");

    private readonly NetworkDevice _device;
    private readonly NetworkDriver _driver;

    // Taken by tasks and deferred calls.
    private SpinLock _lock = new(s_class);

    [GuardedBy(nameof(_lock))]
    private PacketBuffer? _first;

    [GuardedBy(nameof(_lock))]
    private PacketBuffer? _last;

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private int _count;

    // The driver had no room, and has not said since that there is some.
    [GuardedBy(nameof(_lock))]
    private bool _isFull;

    [GuardedBy(nameof(_lock))]
    private bool _isOpen;

    private enum Outcome
    {
        /// <summary>The driver has it.</summary>
        Taken,

        /// <summary>The driver has no room; it is on its way here again.</summary>
        NoRoom,

        /// <summary>The driver has no room, and another owner handed it over elsewhere in between.</summary>
        NotOurs,
    }

    internal TransmitQueue(NetworkDevice device, NetworkDriver driver, int index)
    {
        _device = device;
        _driver = driver;
        Index = index;
    }

    /// <summary>Its number, 0 and up.</summary>
    public int Index { get; }

    /// <summary>Frames that wait. Outdated at once. Any context.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The device has room again: what waits is sent soon. For drivers; any context but NMI.</summary>
    [NoAllocation]
    public void Wake() => Request();

    /// <summary>Sends a frame whose way has begun, or lets it wait. Takes it over. Task context or deferred call.</summary>
    /// <returns>ENETDOWN, ENOBUFS, EBUSY: it has been released.</returns>
    [NoAllocation]
    internal Errno Send(PacketBuffer packet)
    {
        Errno error = Errno.Ok;
        using (_lock.Enter())
        {
            if (!_isOpen)
            {
                error = Errno.ENETDOWN;
            }
            else
            {
                Outcome outcome = _first is null && !_isFull ? Give(packet) : Outcome.NoRoom;
                if (outcome == Outcome.Taken)
                {
                    _driver.Commit(this);
                }
                else if (outcome == Outcome.NotOurs)
                {
                    error = Errno.EBUSY;
                }
                else if (_count < _device.TransmitQueueLength)
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
                else
                {
                    error = Errno.ENOBUFS;
                }
            }
        }

        if (error != Errno.Ok)
        {
            Drop(packet, endsWay: error != Errno.EBUSY);
        }

        return error;
    }

    /// <summary>Frames may be sent from now on. Task context.</summary>
    internal void Open()
    {
        using (_lock.Enter())
        {
            _isOpen = true;
            _isFull = false;
        }
    }

    /// <summary>The driver is given no frame any more, and those that wait are released. Task context.</summary>
    [MightSleep]
    internal void Close()
    {
        PacketBuffer? waiting;
        using (_lock.Enter())
        {
            _isOpen = false;
            waiting = _first;
            _first = null;
            _last = null;
            _count = 0;
        }

        CancelAndWait();
        while (waiting is { } packet)
        {
            waiting = packet.Next;
            Drop(packet, endsWay: true);
        }
    }

    /// <inheritdoc/>
    [NoAllocation]
    protected override void Run()
    {
        using (_lock.Enter())
        {
            _isFull = false;
            bool hasSent = false;
            while (_isOpen && _first is { } packet)
            {
                // The driver may release it at once, or put it into another queue: its link is read before.
                PacketBuffer? next = packet.Next;
                Outcome outcome = Give(packet);
                if (outcome == Outcome.NoRoom)
                {
                    // Another owner may have sent it elsewhere in between, but it is here again: so is its link.
                    packet.Next = next;
                    break;
                }

                hasSent |= outcome == Outcome.Taken;
                _first = next;
                _last = next is null ? null : _last;
                _count--;
                if (outcome == Outcome.NotOurs)
                {
                    Drop(packet, endsWay: false);
                    break;
                }
            }

            if (hasSent)
            {
                _driver.Commit(this);
            }
        }
    }

    // With the driver the way ends, and another one may begin, in a queue of another device. A wake-up that comes while the driver says that it has no room runs after this, since it needs the lock: it is not lost.
    [NoAllocation]
    [RequiresLock(nameof(_lock))]
    private Outcome Give(PacketBuffer packet)
    {
        int bytes = packet.Length;
        packet.EndWay();
        if (_driver.Transmit(packet, this))
        {
            _device.Statistics.CountSent(bytes);
            return Outcome.Taken;
        }

        _isFull = true;
        return packet.TryBeginWay() ? Outcome.NoRoom : Outcome.NotOurs;
    }

    [NoAllocation]
    private void Drop(PacketBuffer packet, bool endsWay)
    {
        _device.Statistics.CountSendDrop();
        if (endsWay)
        {
            packet.EndWay();
        }

        packet.Release();
    }
}
