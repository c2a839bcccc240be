namespace CosmosKernel.Runtime.Services;

/// <summary>What stat(2) tells of a file. Times are nanoseconds since 1970.</summary>
public struct RuntimeFileStatus
{
    /// <summary>Type and permissions.</summary>
    public uint Mode;

    /// <summary>Owner.</summary>
    public uint UserId;

    /// <summary>Group.</summary>
    public uint GroupId;

    /// <summary>Bytes.</summary>
    public long Size;

    /// <summary>Last access.</summary>
    public long AccessTime;

    /// <summary>Last change of the content.</summary>
    public long ModifyTime;

    /// <summary>Last change of the inode.</summary>
    public long ChangeTime;

    /// <summary>Creation; 0 when not known.</summary>
    public long BirthTime;

    /// <summary>Device number of the file system.</summary>
    public ulong Device;

    /// <summary>Which device it stands for, if it is a device node.</summary>
    public ulong RealDevice;

    /// <summary>Inode number.</summary>
    public ulong Number;
}
