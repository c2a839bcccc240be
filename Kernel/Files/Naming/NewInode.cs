namespace CosmosKernel.Files.Naming;

/// <summary>What a new inode shall be.</summary>
/// <param name="Mode">Type and permissions; the umask has been applied.</param>
/// <param name="UserId">Owner.</param>
/// <param name="GroupId">Group.</param>
/// <param name="Device">Which device it stands for, if it is a device node.</param>
public readonly record struct NewInode(uint Mode, uint UserId, uint GroupId, DeviceNumber Device = default);
