using CosmosKernel.Files.Naming;

namespace CosmosKernel.Files.SystemFiles;

/// <summary>A device node. Its device is found by its number when it is opened.</summary>
internal sealed class DeviceNode : Inode
{
    public DeviceNode(FileSystem fileSystem, ulong number, uint mode, uint userId, uint groupId, DeviceNumber device)
        : base(fileSystem, number, new NewInode(mode, userId, groupId, device))
    {
    }
}
