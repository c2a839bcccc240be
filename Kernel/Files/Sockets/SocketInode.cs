using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Users;

namespace CosmosKernel.Files.Sockets;

/// <summary>The inode of a socket; its permissions are those that a path gets to which the socket is bound.</summary>
internal sealed class SocketInode : Inode
{
    public SocketInode(FileSystem fileSystem, ulong number, Credentials credentials)
        : base(fileSystem, number, new NewInode(FileMode.Socket | FileMode.AccessMask, credentials.FileUserId, credentials.FileGroupId))
    {
    }
}
