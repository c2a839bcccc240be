using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Block.Loop;

/// <summary>An open /dev/loop-control.</summary>
internal sealed class LoopControlFile(in VfsPath path, Inode inode, OpenFlags flags) : OpenFile(path, inode, flags)
{
    private const uint AddDevice = 0x4C80;
    private const uint RemoveDevice = 0x4C81;
    private const uint GetFreeDevice = 0x4C82;

    /// <inheritdoc/>
    [MightSleep]
    public override long Control(uint request, [UserAddress] ulong argument)
    {
        if (request is < AddDevice or > GetFreeDevice)
        {
            return -(long)Errno.ENOSYS;
        }

        if (!Credentials.Current.Has(Capability.SysAdmin))
        {
            return -(long)Errno.EPERM;
        }

        return request switch
        {
            AddDevice => LoopDevices.Add(NumberOf(argument)),
            RemoveDevice => LoopDevices.Remove(NumberOf(argument)),
            _ => LoopDevices.GetFree(),
        };
    }

    // The argument is a number, no address.
    private static int NumberOf([UserAddress] ulong argument) => (int)argument;
}
