namespace CosmosKernel.Abi.Sockets;

/// <summary>Requests of ioctl(2) about network devices (netdevice(7)).</summary>
public static class InterfaceRequest
{
    /// <summary>What all requests for sockets have in their second byte.</summary>
    public const uint Type = 0x89;

    /// <summary>SIOCGIFNAME: the name of an index.</summary>
    public const uint GetName = 0x8910;

    /// <summary>SIOCGIFCONF: devices with addresses.</summary>
    public const uint GetConfiguration = 0x8912;

    /// <summary>SIOCGIFFLAGS.</summary>
    public const uint GetFlags = 0x8913;

    /// <summary>SIOCSIFFLAGS.</summary>
    public const uint SetFlags = 0x8914;

    /// <summary>SIOCGIFMETRIC.</summary>
    public const uint GetMetric = 0x891D;

    /// <summary>SIOCGIFMTU.</summary>
    public const uint GetMtu = 0x8921;

    /// <summary>SIOCSIFMTU.</summary>
    public const uint SetMtu = 0x8922;

    /// <summary>SIOCSIFNAME.</summary>
    public const uint SetName = 0x8923;

    /// <summary>SIOCSIFHWADDR.</summary>
    public const uint SetHardwareAddress = 0x8924;

    /// <summary>SIOCGIFHWADDR.</summary>
    public const uint GetHardwareAddress = 0x8927;

    /// <summary>SIOCGIFINDEX.</summary>
    public const uint GetIndex = 0x8933;

    /// <summary>SIOCGIFTXQLEN.</summary>
    public const uint GetTransmitQueueLength = 0x8942;

    /// <summary>SIOCSIFTXQLEN.</summary>
    public const uint SetTransmitQueueLength = 0x8943;

    /// <summary>SIOCGIFMAP.</summary>
    public const uint GetMap = 0x8970;

    /// <summary>It asks about a device by its name.</summary>
    public static bool IsQuestion(uint request) => request is GetFlags or GetMetric or GetMtu or GetHardwareAddress or GetIndex or GetTransmitQueueLength or GetMap;

    /// <summary>It changes a device.</summary>
    public static bool IsChange(uint request) => request is SetFlags or SetMtu or SetName or SetHardwareAddress or SetTransmitQueueLength;
}
