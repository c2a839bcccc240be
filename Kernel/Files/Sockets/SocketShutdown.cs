using System;

namespace CosmosKernel.Files.Sockets;

/// <summary>Directions of a socket that have ended (shutdown(2)).</summary>
[Flags]
internal enum SocketShutdown
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Nothing more will be received.</summary>
    Receive = 1,

    /// <summary>Nothing more can be sent.</summary>
    Send = 2,

    /// <summary>Both.</summary>
    Both = 3,
}
