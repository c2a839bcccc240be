using System.Runtime.InteropServices;

namespace CosmosKernel.Abi.Sockets;

/// <summary>struct cmsghdr (cmsg(3)): 16 bytes; the data follows, and each message begins at a multiple of 8.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ControlHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 16;

    /// <summary>Bytes of header and data.</summary>
    public ulong Bytes;

    /// <summary>Whose it is: SOL_SOCKET.</summary>
    public int Level;

    /// <summary>What it is.</summary>
    public int Type;
}
