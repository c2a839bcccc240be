namespace CosmosKernel.Abi.Sockets;

/// <summary>Requests of ioctl(2) for sockets (unix(7), socket(7)).</summary>
public static class SocketRequest
{
    /// <summary>SIOCINQ, FIONREAD: bytes to read.</summary>
    public const uint BytesToRead = 0x541B;

    /// <summary>SIOCOUTQ: bytes that were sent and not yet received.</summary>
    public const uint BytesSent = 0x5411;

    /// <summary>SIOCATMARK: the next byte is the urgent one.</summary>
    public const uint AtMark = 0x8905;

    /// <summary>FIOSETOWN.</summary>
    public const uint SetOwner = 0x8901;

    /// <summary>SIOCSPGRP.</summary>
    public const uint SetGroup = 0x8902;

    /// <summary>FIOGETOWN.</summary>
    public const uint GetOwner = 0x8903;

    /// <summary>SIOCGPGRP.</summary>
    public const uint GetGroup = 0x8904;
}
