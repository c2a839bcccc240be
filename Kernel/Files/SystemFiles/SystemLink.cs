using System;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.SystemFiles;

/// <summary>A symbolic link with a text that the kernel makes.</summary>
public class SystemLink : Inode
{
    private const uint LinkMode = FileMode.SymbolicLink | FileMode.AccessMask;

    [Immutable]
    private readonly byte[] _target;

    /// <summary>Makes one.</summary>
    public SystemLink(FileSystem fileSystem, ulong number, string target, uint userId = 0, uint groupId = 0)
        : base(fileSystem, number, new NewInode(LinkMode, userId, groupId))
    {
        _target = Encoding.UTF8.GetBytes(target);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno ReadLink(Span<byte> target, out int length)
    {
        length = Math.Min(target.Length, _target.Length);
        _target.AsSpan(0, length).CopyTo(target);
        return Errno.Ok;
    }
}
