using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.ReadCopyUpdate;

namespace CosmosKernel.Modules.Network;

/// <content>
/// What administrators change. Members that change something: task context; not in a handler of <see cref="NetworkChange"/> and not in the driver, since one lock orders the changes of all devices.
/// A device that is gone gives ENODEV.
/// </content>
public sealed partial class NetworkDevice
{
    // Those that user space may set, beside Up, Promiscuous and AllMulticast (dev_change_flags of Linux).
    private const InterfaceFlags Settable = InterfaceFlags.Debug | InterfaceFlags.NoTrailers | InterfaceFlags.NoAddressResolution | InterfaceFlags.Dynamic | InterfaceFlags.Multicast
        | InterfaceFlags.PortSelection | InterfaceFlags.AutomaticMedia;

    // Replaced as a whole.
    [GuardedBy(typeof(NetworkDevices), nameof(NetworkDevices.Lock), LockFreeReads = true)]
    private string _name;

    [GuardedBy(typeof(NetworkDevices), nameof(NetworkDevices.Lock), LockFreeReads = true)]
    private byte[] _address;

    [GuardedBy(typeof(NetworkDevices), nameof(NetworkDevices.Lock), LockFreeReads = true)]
    private int _mtu;

    [GuardedBy(typeof(NetworkDevices), nameof(NetworkDevices.Lock), LockFreeReads = true)]
    private int _transmitQueueLength;

    // How many want it.
    [GuardedBy(typeof(NetworkDevices), nameof(NetworkDevices.Lock), LockFreeReads = true)]
    private int _promiscuous;

    [GuardedBy(typeof(NetworkDevices), nameof(NetworkDevices.Lock), LockFreeReads = true)]
    private int _allGroups;

    // Of InterfaceFlags: those that user space may set, and its wishes for more frames.
    [GuardedBy(typeof(NetworkDevices), nameof(NetworkDevices.Lock), LockFreeReads = true)]
    private int _setFlags;

    [GuardedBy(typeof(NetworkDevices), nameof(NetworkDevices.Lock))]
    private bool _isGone;

    /// <summary>Its name, such as <c>eth0</c>.</summary>
    public string Name => Volatile.Read(ref _name);

    /// <summary>Its hardware address, 6 bytes.</summary>
    public ReadOnlySpan<byte> Address => Volatile.Read(ref _address);

    /// <summary>The most bytes of a frame behind the header.</summary>
    public int Mtu => Volatile.Read(ref _mtu);

    /// <summary>Frames that wait in one queue at most.</summary>
    public int TransmitQueueLength => Volatile.Read(ref _transmitQueueLength);

    /// <summary>It takes all frames, whoever they are for.</summary>
    public bool IsPromiscuous => Volatile.Read(ref _promiscuous) > 0;

    /// <summary>It takes the frames of all groups.</summary>
    public bool TakesAllGroups => Volatile.Read(ref _allGroups) > 0;

    /// <summary>What is sent comes back.</summary>
    public bool IsLoopback => Options.Type == HardwareType.Loopback;

    /// <summary>It tells of its carrier.</summary>
    public bool ReportsCarrier => (Options.Features & NetworkFeatures.ReportsCarrier) != 0;

    /// <summary>Its state as RFC 2863 names it: <c>up</c>, <c>down</c>, or <c>unknown</c> for one that is up and does not tell of its carrier.</summary>
    public string OperationalState => !IsUp ? "down" : !ReportsCarrier ? "unknown" : HasCarrier ? "up" : "down";

    /// <summary>Its flags as they were set, as /sys/class/net/NAME/flags shows them.</summary>
    public InterfaceFlags SetFlags =>
        (InterfaceFlags)Volatile.Read(ref _setFlags) | (IsUp ? InterfaceFlags.Up : 0) | (IsPromiscuous ? InterfaceFlags.Promiscuous : 0) | (TakesAllGroups ? InterfaceFlags.AllMulticast : 0)
        | (IsLoopback ? InterfaceFlags.Loopback : InterfaceFlags.Broadcast);

    /// <summary>Its flags as SIOCGIFFLAGS gives them: what user space wished for, and what follows from the device's state.</summary>
    public InterfaceFlags Flags
    {
        get
        {
            const InterfaceFlags Wishes = InterfaceFlags.Promiscuous | InterfaceFlags.AllMulticast;
            InterfaceFlags flags = (SetFlags & ~Wishes) | ((InterfaceFlags)Volatile.Read(ref _setFlags) & Wishes);
            return IsUp && HasCarrier ? flags | InterfaceFlags.Running | InterfaceFlags.LowerUp : flags;
        }
    }

    /// <summary>Takes it into use, or out of use; what it is already, it stays.</summary>
    /// <returns>ENODEV also while its module is starting or stopping; what the driver returned.</returns>
    [MightSleep]
    public Errno SetUp(bool up)
    {
        using (NetworkDevices.Lock.Enter())
        {
            return _isGone ? Errno.ENODEV : up ? Open() : Close();
        }
    }

    /// <summary>Sets the flags that user space may set, and with them whether it is up (SIOCSIFFLAGS). Others are ignored.</summary>
    [MightSleep]
    public Errno SetInterfaceFlags(InterfaceFlags flags)
    {
        using (NetworkDevices.Lock.Enter())
        {
            if (_isGone)
            {
                return Errno.ENODEV;
            }

            var before = (InterfaceFlags)_setFlags;
            InterfaceFlags wishes = flags & (InterfaceFlags.Promiscuous | InterfaceFlags.AllMulticast);
            _setFlags = (int)((flags & Settable) | wishes);
            Errno error = (flags & InterfaceFlags.Up) != 0 ? Open() : Close();
            InterfaceFlags changed = before ^ (InterfaceFlags)_setFlags;
            if ((changed & InterfaceFlags.Promiscuous) != 0)
            {
                _promiscuous += (wishes & InterfaceFlags.Promiscuous) != 0 ? 1 : -1;
            }

            if ((changed & InterfaceFlags.AllMulticast) != 0)
            {
                _allGroups += (wishes & InterfaceFlags.AllMulticast) != 0 ? 1 : -1;
            }

            if (changed != 0)
            {
                Guarded("receive mode of", () => _driver.ReceiveModeChanged(this));
                NetworkDevices.Tell(this, NetworkEvent.Flags);
            }

            return error;
        }
    }

    /// <summary>Lets it take all frames as long as somebody wants that: +1 when he begins, -1 when he ends.</summary>
    [MightSleep]
    public Errno ChangePromiscuity(int by)
    {
        using (NetworkDevices.Lock.Enter())
        {
            if (_isGone)
            {
                return Errno.ENODEV;
            }

            bool before = _promiscuous > 0;
            _promiscuous += by;
            if (before != _promiscuous > 0)
            {
                Guarded("receive mode of", () => _driver.ReceiveModeChanged(this));
                NetworkDevices.Tell(this, NetworkEvent.Flags);
            }

            return Errno.Ok;
        }
    }

    /// <summary>Sets the MTU.</summary>
    /// <returns>EINVAL: not between the driver's limits; what the driver returned.</returns>
    [MightSleep]
    public Errno SetMtu(int mtu)
    {
        using (NetworkDevices.Lock.Enter())
        {
            if (_isGone)
            {
                return Errno.ENODEV;
            }

            if (mtu == _mtu)
            {
                return Errno.Ok;
            }

            if (mtu < Options.MinimumMtu || mtu > Options.MaximumMtu)
            {
                return Errno.EINVAL;
            }

            Errno error = Errno.EIO;
            Guarded("MTU of", () => error = _driver.ChangeMtu(this, mtu));
            if (error == Errno.Ok)
            {
                _mtu = mtu;
                NetworkDevices.Tell(this, NetworkEvent.Mtu);
            }

            return error;
        }
    }

    /// <summary>Sets the hardware address.</summary>
    /// <returns>EADDRNOTAVAIL: that of a group, or all 0; EINVAL: not 6 bytes; what the driver returned.</returns>
    [MightSleep]
    public Errno SetAddress(ReadOnlySpan<byte> address)
    {
        if (address.Length != EtherType.AddressBytes)
        {
            return Errno.EINVAL;
        }

        if ((address[0] & 1) != 0 || !address.ContainsAnyExcept((byte)0))
        {
            return Errno.EADDRNOTAVAIL;
        }

        byte[] copy = address.ToArray();
        using (NetworkDevices.Lock.Enter())
        {
            if (_isGone)
            {
                return Errno.ENODEV;
            }

            Errno error = Errno.EIO;
            Guarded("address of", () => error = _driver.ChangeAddress(this, copy));
            if (error == Errno.Ok)
            {
                Volatile.Write(ref _address, copy);
                NetworkDevices.Tell(this, NetworkEvent.Address);
            }

            return error;
        }
    }

    /// <summary>Sets how many frames may wait in a queue, 0 and up.</summary>
    [MightSleep]
    public Errno SetTransmitQueueLength(int length)
    {
        using (NetworkDevices.Lock.Enter())
        {
            if (_isGone)
            {
                return Errno.ENODEV;
            }

            if (length < 0)
            {
                return Errno.EINVAL;
            }

            _transmitQueueLength = length;
            return Errno.Ok;
        }
    }

    /// <summary>Gives it another name; <c>%d</c> in it becomes the lowest number that is free.</summary>
    /// <returns>EBUSY: it is up; EINVAL: no name; EEXIST.</returns>
    [MightSleep]
    public Errno Rename(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        using (NetworkDevices.Lock.Enter())
        {
            if (_isGone)
            {
                return Errno.ENODEV;
            }

            if (IsUp)
            {
                return Errno.EBUSY;
            }

            Errno error = NetworkDevices.ChooseName(name, this, out string chosen);
            if (error != Errno.Ok || chosen == _name)
            {
                return error;
            }

            Volatile.Write(ref _name, chosen);
            NetworkDevices.Tell(this, NetworkEvent.Name);
        }

        NetworkDevices.UpdateFiles();
        return Errno.Ok;
    }

    /// <summary>Tells of a change that came without the lock of all devices; not behind <see cref="NetworkEvent.Removing"/>.</summary>
    [MightSleep]
    internal void Announce(NetworkEvent what)
    {
        using (NetworkDevices.Lock.Enter())
        {
            if (!_isGone)
            {
                NetworkDevices.Tell(this, what);
            }
        }
    }

    /// <summary>Takes it down, for good.</summary>
    /// <returns>False: it was gone already.</returns>
    [MightSleep]
    [RequiresLock(typeof(NetworkDevices), nameof(NetworkDevices.Lock))]
    internal bool Retire()
    {
        if (_isGone)
        {
            return false;
        }

        Close();
        _isGone = true;
        return true;
    }

    /// <summary>Nothing of it runs any more. After <see cref="Retire"/>, without the lock of all devices.</summary>
    [MightSleep]
    internal void AwaitEnd()
    {
        _carrierWork.CancelAndWait();
        _backlog.Clear();
    }

    [MightSleep]
    [RequiresLock(typeof(NetworkDevices), nameof(NetworkDevices.Lock))]
    private Errno Open()
    {
        if (IsUp)
        {
            return Errno.Ok;
        }

        if (!_owner.TryGet())
        {
            return Errno.ENODEV;
        }

        // Frames may come before the driver's Open returns.
        Volatile.Write(ref _isUp, 1);
        Errno error = Errno.EIO;
        Guarded("open of", () => error = _driver.Open(this));
        if (error != Errno.Ok)
        {
            Volatile.Write(ref _isUp, 0);
            _backlog.Clear();
            _owner.Put();
            return error;
        }

        foreach (TransmitQueue queue in _queues)
        {
            queue.Open();
        }

        NetworkDevices.Tell(this, NetworkEvent.Up);
        return Errno.Ok;
    }

    [MightSleep]
    [RequiresLock(typeof(NetworkDevices), nameof(NetworkDevices.Lock))]
    private Errno Close()
    {
        if (!IsUp)
        {
            return Errno.Ok;
        }

        NetworkDevices.Tell(this, NetworkEvent.GoingDown);
        foreach (TransmitQueue queue in _queues)
        {
            queue.Close();
        }

        Interlocked.Exchange(ref _isUp, 0);
        Guarded("stop of", () => _driver.Stop(this));
        _backlog.Clear();

        // Handlers may still look at a frame that was delivered just before.
        Rcu.Synchronize();
        NetworkDevices.Tell(this, NetworkEvent.Down);
        _owner.Put();
        return Errno.Ok;
    }

    [MightSleep]
    private void Guarded(string what, Action action)
    {
        try
        {
            action();
        }
        catch (TaskKilledException) when (TaskStruct.Current.IsKilled)
        {
            // The task that asked ends, which is no fault of the module.
        }
        catch (Exception exception)
        {
            ModuleFaults.Report(Module, $"{what} network device {Name}", exception);
        }
    }
}
