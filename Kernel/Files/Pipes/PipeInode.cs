using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Users;

namespace CosmosKernel.Files.Pipes;

/// <summary>The inode of a pipe without a name.</summary>
internal sealed class PipeInode : Inode
{
    public PipeInode(FileSystem fileSystem, ulong number, Credentials credentials)
        : base(fileSystem, number, new NewInode(FileMode.Fifo | 0x180, credentials.FileUserId, credentials.FileGroupId))
    {
    }
}
