namespace CosmosKernel.Abi.Sockets;

/// <summary>Sizes of the socket interface.</summary>
public static class SocketLimits
{
    /// <summary>Bytes of the largest address that a call takes (struct sockaddr_storage).</summary>
    public const int AddressBytes = 128;

    /// <summary>Bytes of struct sockaddr_un.</summary>
    public const int UnixAddressBytes = 110;

    /// <summary>Where the path begins in struct sockaddr_un: after the family.</summary>
    public const int UnixPathOffset = 2;

    /// <summary>Descriptors in one message (SCM_MAX_FD).</summary>
    public const int FilesInMessage = 253;

    /// <summary>Bytes of control data in one message (/proc/sys/net/core/optmem_max).</summary>
    public const int ControlBytes = 20_480;

    /// <summary>SOMAXCONN: what /proc/sys/net/core/somaxconn is at first.</summary>
    public const int Backlog = 4096;
}
