namespace CosmosKernel.Abi.Sockets;

/// <summary>Options of the level SOL_SOCKET (socket(7)), with the numbers of x86-64.</summary>
public static class SocketOption
{
    /// <summary>SOL_SOCKET: the level of all of these, and of control messages.</summary>
    public const int Level = 1;

    /// <summary>SO_DEBUG.</summary>
    public const int Debug = 1;

    /// <summary>SO_REUSEADDR.</summary>
    public const int ReuseAddress = 2;

    /// <summary>SO_TYPE.</summary>
    public const int Type = 3;

    /// <summary>SO_ERROR.</summary>
    public const int Error = 4;

    /// <summary>SO_DONTROUTE.</summary>
    public const int DontRoute = 5;

    /// <summary>SO_BROADCAST.</summary>
    public const int Broadcast = 6;

    /// <summary>SO_SNDBUF.</summary>
    public const int SendBuffer = 7;

    /// <summary>SO_RCVBUF.</summary>
    public const int ReceiveBuffer = 8;

    /// <summary>SO_KEEPALIVE.</summary>
    public const int KeepAlive = 9;

    /// <summary>SO_OOBINLINE.</summary>
    public const int OutOfBandInline = 10;

    /// <summary>SO_NO_CHECK.</summary>
    public const int NoCheck = 11;

    /// <summary>SO_PRIORITY.</summary>
    public const int Priority = 12;

    /// <summary>SO_LINGER.</summary>
    public const int Linger = 13;

    /// <summary>SO_BSDCOMPAT.</summary>
    public const int BsdCompatible = 14;

    /// <summary>SO_REUSEPORT.</summary>
    public const int ReusePort = 15;

    /// <summary>SO_PASSCRED.</summary>
    public const int PassCredentials = 16;

    /// <summary>SO_PEERCRED.</summary>
    public const int PeerCredentials = 17;

    /// <summary>SO_RCVLOWAT.</summary>
    public const int ReceiveLowWater = 18;

    /// <summary>SO_SNDLOWAT.</summary>
    public const int SendLowWater = 19;

    /// <summary>SO_RCVTIMEO.</summary>
    public const int ReceiveTimeout = 20;

    /// <summary>SO_SNDTIMEO.</summary>
    public const int SendTimeout = 21;

    /// <summary>SO_PEERNAME.</summary>
    public const int PeerName = 28;

    /// <summary>SO_TIMESTAMP, and the type of its control message.</summary>
    public const int Timestamp = 29;

    /// <summary>SO_ACCEPTCONN.</summary>
    public const int AcceptsConnections = 30;

    /// <summary>SO_PEERSEC.</summary>
    public const int PeerSecurity = 31;

    /// <summary>SO_SNDBUFFORCE.</summary>
    public const int SendBufferForce = 32;

    /// <summary>SO_RCVBUFFORCE.</summary>
    public const int ReceiveBufferForce = 33;

    /// <summary>SO_PASSSEC.</summary>
    public const int PassSecurity = 34;

    /// <summary>SO_TIMESTAMPNS, and the type of its control message.</summary>
    public const int TimestampNanoseconds = 35;

    /// <summary>SO_MARK.</summary>
    public const int Mark = 36;

    /// <summary>SO_PROTOCOL.</summary>
    public const int Protocol = 38;

    /// <summary>SO_DOMAIN.</summary>
    public const int Domain = 39;

    /// <summary>SO_PEEK_OFF.</summary>
    public const int PeekOffset = 42;

    /// <summary>SO_PEERGROUPS.</summary>
    public const int PeerGroups = 59;

    /// <summary>SO_TIMESTAMP_NEW.</summary>
    public const int NewTimestamp = 63;

    /// <summary>SO_TIMESTAMPNS_NEW.</summary>
    public const int NewTimestampNanoseconds = 64;

    /// <summary>SO_RCVTIMEO_NEW.</summary>
    public const int NewReceiveTimeout = 66;

    /// <summary>SO_SNDTIMEO_NEW.</summary>
    public const int NewSendTimeout = 67;
}
