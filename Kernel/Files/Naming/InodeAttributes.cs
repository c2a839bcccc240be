namespace CosmosKernel.Files.Naming;

/// <summary>What stat(2) and statx(2) tell of an inode.</summary>
public struct InodeAttributes
{
    /// <summary>Device number of the file system.</summary>
    public DeviceNumber Device;

    /// <summary>Inode number.</summary>
    public ulong Number;

    /// <summary>Type and permissions.</summary>
    public uint Mode;

    /// <summary>Names that it has.</summary>
    public uint Links;

    /// <summary>Owner.</summary>
    public uint UserId;

    /// <summary>Group.</summary>
    public uint GroupId;

    /// <summary>Which device it stands for, if it is a device node.</summary>
    public DeviceNumber RealDevice;

    /// <summary>Bytes.</summary>
    public long Size;

    /// <summary>Bytes that a transfer should have.</summary>
    public int BlockBytes;

    /// <summary>Units of 512 bytes that it takes.</summary>
    public long Blocks;

    /// <summary>Last access, in nanoseconds since 1970.</summary>
    public long AccessTime;

    /// <summary>Last change of the content.</summary>
    public long ModifyTime;

    /// <summary>Last change of the inode.</summary>
    public long ChangeTime;

    /// <summary>Creation; 0 when not known.</summary>
    public long BirthTime;
}
