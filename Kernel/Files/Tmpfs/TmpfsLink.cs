using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Tmpfs;

/// <summary>A symbolic link in tmpfs.</summary>
internal sealed class TmpfsLink : TmpfsNode
{
    [Immutable]
    private readonly byte[] _target;

    public TmpfsLink(TmpfsFileSystem fileSystem, in NewInode attributes, byte[] target)
        : base(fileSystem, attributes)
    {
        _target = target;
    }

    public override long Size => _target.Length;

    public override byte[]? LinkText => _target;

    [MightSleep]
    public override Errno ReadLink(Span<byte> target, out int length)
    {
        length = Math.Min(target.Length, _target.Length);
        _target.AsSpan(0, length).CopyTo(target);
        return Errno.Ok;
    }
}
