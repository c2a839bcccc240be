namespace CosmosKernel.Files.Sockets;

/// <summary>What a socket is doing.</summary>
internal enum SocketState
{
    /// <summary>Nothing yet. A datagram socket with a fixed peer is in this state, too.</summary>
    Unconnected = 0,

    /// <summary>It waits for connections (listen(2)).</summary>
    Listening = 1,

    /// <summary>A connection is being made by a task; nobody else can begin one.</summary>
    Connecting = 2,

    /// <summary>It has a connection, or had one.</summary>
    Connected = 3,

    /// <summary>Its file is closed.</summary>
    Dead = 4,
}
