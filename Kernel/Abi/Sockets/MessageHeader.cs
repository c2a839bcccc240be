using System.Runtime.InteropServices;

namespace CosmosKernel.Abi.Sockets;

/// <summary>struct msghdr (sendmsg(2)): 56 bytes; the gaps are copied as they are.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct MessageHeader
{
    /// <summary>Address of the socket address, or 0.</summary>
    public ulong Name;

    /// <summary>Its bytes.</summary>
    public int NameBytes;

    /// <summary>A gap.</summary>
    public int Gap;

    /// <summary>Address of the array of struct iovec.</summary>
    public ulong Vectors;

    /// <summary>How many there are.</summary>
    public ulong VectorCount;

    /// <summary>Address of the control data, or 0.</summary>
    public ulong Control;

    /// <summary>Its bytes.</summary>
    public ulong ControlBytes;

    /// <summary>What recvmsg(2) says about the message.</summary>
    public uint Flags;

    /// <summary>A gap.</summary>
    public uint LastGap;
}
