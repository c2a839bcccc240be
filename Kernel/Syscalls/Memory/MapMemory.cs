using CosmosKernel.Abi;
using CosmosKernel.Files;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Processes;
using CosmosKernel.Processes.Memory;

namespace CosmosKernel.Syscalls.Memory;

/// <summary>mmap(2).</summary>
[SystemCall(9, "mmap", Support.Some, "MAP_HUGETLB and MAP_SYNC: there are no huge pages and no persistent memory")]
internal sealed class MapMemory : SystemCall
{
    // What MAP_SHARED_VALIDATE lets pass; MAP_SYNC needs a file system that can do it.
    private const MapFlags Known = MapFlags.TypeMask | MapFlags.Fixed | MapFlags.Anonymous | MapFlags.Bits32 | MapFlags.Above4G | MapFlags.GrowsDown
        | MapFlags.DenyWrite | MapFlags.Executable | MapFlags.Locked | MapFlags.NoReserve | MapFlags.Populate | MapFlags.NonBlock | MapFlags.Stack
        | MapFlags.FixedNoReplace;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        ulong hint = registers.Rdi;
        ulong bytes = registers.Rsi;
        MemoryProtection protection = (MemoryProtection)registers.Rdx;
        MapFlags flags = (MapFlags)registers.R10;
        ulong offset = registers.R9;
        if (!AddressSpace.IsAligned(offset))
        {
            return -(long)Errno.EINVAL;
        }

        if ((flags & MapFlags.HugeTlb) != 0)
        {
            // There is no size of huge pages that could be asked for.
            return -(long)Errno.EINVAL;
        }

        if ((flags & MapFlags.Anonymous) != 0)
        {
            return (flags & MapFlags.TypeMask) is MapFlags.Private or MapFlags.Shared
                ? thread.Memory!.Map(hint, bytes, protection, flags, default)
                : -(long)Errno.EINVAL;
        }

        using FileReference reference = thread.Files!.Get((int)registers.R8);
        return reference.File is { } file
            ? MapFile(thread, file, hint, bytes, protection, flags, offset)
            : -(long)Errno.EBADF;
    }

    [MightSleep]
    private static long MapFile(UserThread thread, OpenFile file, ulong hint, ulong bytes, MemoryProtection protection, MapFlags flags, ulong offset)
    {
        if (bytes == 0)
        {
            return -(long)Errno.EINVAL;
        }

        ulong length = AddressSpace.PageUp(bytes);
        if (length == 0 || length > AddressSpace.Limit)
        {
            return -(long)Errno.ENOMEM;
        }

        if (offset > ulong.MaxValue - length || offset + length > long.MaxValue)
        {
            return -(long)Errno.EOVERFLOW;
        }

        MemoryProtection may = MemoryProtection.All;
        switch (flags & MapFlags.TypeMask)
        {
            case MapFlags.SharedValidate when (flags & ~Known) != 0:
                return -(long)Errno.EOPNOTSUPP;
            case MapFlags.Shared or MapFlags.SharedValidate:
                if (!file.IsWritable)
                {
                    may &= ~MemoryProtection.Write;
                }

                break;
            case MapFlags.Private:
                break;
            default:
                return -(long)Errno.EINVAL;
        }

        if (!file.IsReadable || (protection & MemoryProtection.All & ~may) != 0)
        {
            return -(long)Errno.EACCES;
        }

        if (file.Path.Mount is { } mount && (mount.Flags & MountFlags.NoExec) != 0)
        {
            may &= ~MemoryProtection.Execute;
            if ((protection & MemoryProtection.Execute) != 0)
            {
                return -(long)Errno.EPERM;
            }
        }

        Errno error = file.GetMappedObject(out MappedObject? shown);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        if ((flags & MapFlags.GrowsDown) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        // A copy of a device's memory means nothing, and beyond its end there is nothing that could come.
        if (shown is DeviceMemoryObject && ((flags & MapFlags.TypeMask) == MapFlags.Private || offset + length > shown.Size))
        {
            return -(long)Errno.EINVAL;
        }

        if (shown is { RefusesNewWriters: true } && (flags & MapFlags.TypeMask) != MapFlags.Private && (protection & MemoryProtection.Write) == 0)
        {
            may &= ~MemoryProtection.Write;
        }

        // A file without an object of its own is anonymous memory: /dev/zero (mem(4)).
        return thread.Memory!.Map(hint, bytes, protection, flags, shown is null ? default : new MappingSource(shown, offset, may, file));
    }
}
