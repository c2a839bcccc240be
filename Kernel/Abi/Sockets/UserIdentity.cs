using System.Runtime.InteropServices;

namespace CosmosKernel.Abi.Sockets;

/// <summary>struct ucred (unix(7)): 12 bytes.</summary>
/// <param name="Process">Process id; 0: nobody known.</param>
/// <param name="UserId">User id.</param>
/// <param name="GroupId">Group id.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct UserIdentity(int Process, uint UserId, uint GroupId)
{
    /// <summary>Bytes of the structure.</summary>
    public const int Size = 12;

    /// <summary>What a message says that was sent without credentials: process 0, and the ids that stand for none (proc(5), overflowuid).</summary>
    public static UserIdentity Unknown => new(0, 65_534, 65_534);
}
