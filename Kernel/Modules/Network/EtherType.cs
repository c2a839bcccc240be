namespace CosmosKernel.Modules.Network;

/// <summary>Numbers of the protocols in frames of Ethernet (IEEE 802 numbers, IANA), in host order.</summary>
public static class EtherType
{
    /// <summary>Every frame: for handlers that want to see all (ETH_P_ALL).</summary>
    public const ushort All = 3;

    /// <summary>IPv4.</summary>
    public const ushort Internet = 0x0800;

    /// <summary>Address resolution (RFC 826).</summary>
    public const ushort AddressResolution = 0x0806;

    /// <summary>IPv6.</summary>
    public const ushort Internet6 = 0x86DD;

    /// <summary>A number that is for local experiments (IEEE 802, first one).</summary>
    public const ushort Experiment = 0x88B5;

    /// <summary>Bytes of the header: destination, source, EtherType.</summary>
    public const int HeaderBytes = 14;

    /// <summary>Bytes of an address.</summary>
    public const int AddressBytes = 6;
}
