using System;

namespace CosmosKernel.Modules.Network;

/// <summary>What a driver says of its device.</summary>
public sealed record NetworkDeviceOptions
{
    /// <summary>Its name, 1 to 15 bytes of ASCII; with <c>%d</c>, which becomes the lowest number that is free.</summary>
    public string Name { get; init; } = "eth%d";

    /// <summary>What kind of hardware it is (ARPHRD_*).</summary>
    public HardwareType Type { get; init; } = HardwareType.Ethernet;

    /// <summary>Its address, 6 bytes; empty: a random one of those that are administered locally.</summary>
    public ReadOnlyMemory<byte> Address { get; init; }

    /// <summary>The most bytes of a frame behind the header.</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>The least that the MTU may be set to.</summary>
    public int MinimumMtu { get; init; } = 68;

    /// <summary>The most that the MTU may be set to.</summary>
    public int MaximumMtu { get; init; } = 1500;

    /// <summary>Queues for sending, 1 to 64.</summary>
    public int TransmitQueues { get; init; } = 1;

    /// <summary>Queues that frames come from, 1 to 64.</summary>
    public int ReceiveQueues { get; init; } = 1;

    /// <summary>Frames that wait in one queue at most when the device has no room.</summary>
    public int TransmitQueueLength { get; init; } = 1000;

    /// <summary>What it can do beside sending and receiving.</summary>
    public NetworkFeatures Features { get; init; }
}

/// <summary>What kind of hardware a network device is (ARPHRD_* of if_arp.h).</summary>
public enum HardwareType : ushort
{
    /// <summary>Ethernet.</summary>
    Ethernet = 1,

    /// <summary>What is sent comes back.</summary>
    Loopback = 772,
}

/// <summary>What a network device can do beside sending and receiving.</summary>
[Flags]
public enum NetworkFeatures
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It tells whether a cable is there (<see cref="NetworkDevice.SetCarrier"/>); without this its state is unknown, and it always sends.</summary>
    ReportsCarrier = 1,

    /// <summary>It has no addresses to resolve (IFF_NOARP).</summary>
    NoAddressResolution = 2,

    /// <summary>It has verified checksums of what it delivers as <see cref="PacketChecksum.Verified"/>.</summary>
    VerifiesChecksums = 4,
}
