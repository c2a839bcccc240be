using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Naming;

/// <summary>What opens device nodes of some device numbers (<see cref="CharacterDevices.Register"/>), wherever in the tree they are.</summary>
public abstract class CharacterDevice
{
    /// <summary>Opens a node. Task context; permissions have been checked.</summary>
    /// <param name="path">Where the node was found; the open file pins it.</param>
    /// <param name="inode">The node; its <see cref="Inode.Device"/> tells the minor.</param>
    /// <param name="flags">Of open(2).</param>
    /// <param name="file">The open file, with one reference.</param>
    [MightSleep]
    public abstract Errno Open(in VfsPath path, Inode inode, OpenFlags flags, out OpenFile? file);
}
