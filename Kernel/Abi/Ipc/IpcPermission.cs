using System.Runtime.InteropServices;

namespace CosmosKernel.Abi;

/// <summary>Whose an object of System V is, and who may use it: <c>struct ipc64_perm</c>, 48 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct IpcPermission
{
    /// <summary>The key it was made with; 0 for none.</summary>
    public int Key;

    /// <summary>Owner.</summary>
    public uint UserId;

    /// <summary>Owner's group.</summary>
    public uint GroupId;

    /// <summary>Who made it.</summary>
    public uint CreatorUserId;

    /// <summary>The maker's group.</summary>
    public uint CreatorGroupId;

    /// <summary>Nine bits of permissions; of a segment also SHM_DEST and SHM_LOCKED.</summary>
    public uint Mode;

    /// <summary>What tells it from an earlier object with the same index.</summary>
    public ushort Sequence;

    private readonly ushort _padding1;
    private readonly uint _padding2;
    private readonly ulong _unused1;
    private readonly ulong _unused2;
}
