namespace CosmosKernel.Abi.Sockets;

/// <summary>Types of control messages of the level SOL_SOCKET (cmsg(3), unix(7)).</summary>
public static class ControlMessageType
{
    /// <summary>SCM_RIGHTS: descriptors.</summary>
    public const int Rights = 1;

    /// <summary>SCM_CREDENTIALS: who sends.</summary>
    public const int Credentials = 2;
}
