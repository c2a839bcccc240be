using System;

namespace CosmosKernel.Modules.Network;

/// <summary>Flags of a network device as user space sees them (IFF_* of netdevice(7)).</summary>
[Flags]
public enum InterfaceFlags
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>It is up.</summary>
    Up = 0x1,

    /// <summary>It has an address that everybody listens to.</summary>
    Broadcast = 0x2,

    /// <summary>Means nothing to the kernel.</summary>
    Debug = 0x4,

    /// <summary>What is sent comes back.</summary>
    Loopback = 0x8,

    /// <summary>It has one partner only.</summary>
    PointToPoint = 0x10,

    /// <summary>Means nothing to the kernel.</summary>
    NoTrailers = 0x20,

    /// <summary>It can send: up, and the carrier is there.</summary>
    Running = 0x40,

    /// <summary>No addresses are resolved.</summary>
    NoAddressResolution = 0x80,

    /// <summary>It takes all frames.</summary>
    Promiscuous = 0x100,

    /// <summary>It takes the frames of all groups.</summary>
    AllMulticast = 0x200,

    /// <summary>It knows groups.</summary>
    Multicast = 0x1000,

    /// <summary>Means nothing to the kernel.</summary>
    PortSelection = 0x2000,

    /// <summary>Means nothing to the kernel.</summary>
    AutomaticMedia = 0x4000,

    /// <summary>Means nothing to the kernel.</summary>
    Dynamic = 0x8000,

    /// <summary>The carrier is there.</summary>
    LowerUp = 0x10000,
}
