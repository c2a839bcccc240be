using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Processes.ProcFs;

/// <summary>An open namespace (ioctl_ns(2)): it can be asked what it is. The only one of its kind, it has no parent.</summary>
internal sealed class NamespaceFile : OpenFile
{
    private const uint GetUserNamespace = 0xB701;
    private const uint GetParent = 0xB702;
    private const uint GetKind = 0xB703;
    private const uint GetOwner = 0xB704;
    private const uint RootUser = 0;

    private readonly ProcFileSystem _procfs;
    private readonly NamespaceKind _kind;

    public NamespaceFile(in VfsPath path, Inode inode, OpenFlags flags, ProcFileSystem procfs, NamespaceKind kind)
        : base(path, inode, flags)
    {
        _procfs = procfs;
        _kind = kind;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Control(uint request, [UserAddress] ulong argument)
    {
        switch (request)
        {
            case GetKind:
                return _kind.Type;
            case GetParent:
                return -(long)(_kind.HasParents ? Errno.EPERM : Errno.EINVAL);
            case GetOwner when !_kind.IsUser:
                return -(long)Errno.EINVAL;
            case GetOwner:
                return UserMemory.TryWrite(argument, RootUser) ? 0 : -(long)Errno.EFAULT;
            case GetUserNamespace when _kind.IsUser:
                return -(long)Errno.EPERM;
            case GetUserNamespace:
                VfsPath place = NamespaceDirectory.PlaceOf(_procfs, NamespaceKind.User);
                return FileTable.Current!.Add(new NamespaceFile(place, place.Inode!, OpenFlags.ReadOnly, _procfs, NamespaceKind.User), closeOnExec: true);
            default:
                return -(long)Errno.ENOTTY;
        }
    }
}
