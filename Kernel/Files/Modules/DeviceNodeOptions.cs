namespace CosmosKernel.Files.Modules;

/// <summary>What the node of a character device in /dev is like.</summary>
public sealed record DeviceNodeOptions
{
    /// <summary>Name below /dev, with folders where there are some: <c>input/event0</c>. With more than one minor number, each node's name ends with its place from 0.</summary>
    public required string Name { get; init; }

    /// <summary>Permission bits.</summary>
    public uint Mode { get; init; } = 0x1B0;

    /// <summary>Owner's group.</summary>
    public uint GroupId { get; init; }

    /// <summary>Major number, 1 to 4,095; 0: one that is free, from 234 to 254 as Linux chooses.</summary>
    public uint Major { get; init; }

    /// <summary>First minor number, to 1,048,575.</summary>
    public uint FirstMinor { get; init; }

    /// <summary>How many minor numbers, 1 and up; each has a node.</summary>
    public uint Count { get; init; } = 1;

    /// <summary>Folder of /sys/class.</summary>
    public string Class { get; init; } = "misc";
}
