namespace CosmosKernel.Files.Naming;

/// <summary>What chmod(2), chown(2) and utimensat(2) change; null: stays.</summary>
public struct AttributeChange
{
    /// <summary>Permission bits, without the type.</summary>
    public uint? Permissions;

    /// <summary>Owner.</summary>
    public uint? UserId;

    /// <summary>Group.</summary>
    public uint? GroupId;

    /// <summary>Last access, in nanoseconds since 1970.</summary>
    public long? AccessTime;

    /// <summary>Last change of the content.</summary>
    public long? ModifyTime;
}
