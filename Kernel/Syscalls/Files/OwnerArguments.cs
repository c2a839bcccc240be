using System;
using System.Buffers.Binary;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Syscalls.Files;

/// <summary>Who gets a file's signals, and whether it sends any: what fcntl(2) and ioctl(2) have for that.</summary>
internal static class OwnerArguments
{
    /// <summary>F_SETFL.</summary>
    [MightSleep]
    public static long SetFlags(OpenFile file, int descriptor, OpenFlags flags)
    {
        bool on = (flags & OpenFlags.Async) != 0;
        if (on != ((file.Flags & OpenFlags.Async) != 0) && file.SupportsAsync)
        {
            file.SetAsync(on, descriptor);
        }

        return -(long)file.SetFlags(flags);
    }

    /// <summary>FIOASYNC.</summary>
    [MightSleep]
    public static long SetAsync(OpenFile file, int descriptor, bool on)
    {
        if (on == ((file.Flags & OpenFlags.Async) != 0))
        {
            return 0;
        }

        return file.SupportsAsync ? SetFlags(file, descriptor, file.Flags ^ OpenFlags.Async) : -(long)Errno.ENOTTY;
    }

    /// <summary>F_GETOWN.</summary>
    public static long Get(OpenFile file) => file.OwnerNumber;

    /// <summary>F_SETOWN.</summary>
    [MightSleep]
    public static long Set(OpenFile file, int id) => -(long)file.SetOwnerNumber(id);

    /// <summary>F_GETOWN_EX: writes a struct f_owner_ex.</summary>
    [MightSleep]
    public static long GetExtended(OpenFile file, [UserAddress] ulong address)
    {
        FileOwner owner = ThereOrNone(file.Owner);
        return WritePair(address, (int)owner.Kind, owner.Id);
    }

    /// <summary>F_SETOWN_EX: reads a struct f_owner_ex.</summary>
    [MightSleep]
    public static long SetExtended(OpenFile file, [UserAddress] ulong address)
    {
        Span<byte> pair = stackalloc byte[8];
        if (!UserMemory.TryRead(address, pair))
        {
            return -(long)Errno.EFAULT;
        }

        int kind = BinaryPrimitives.ReadInt32LittleEndian(pair);
        int id = BinaryPrimitives.ReadInt32LittleEndian(pair[4..]);
        return kind is < 0 or > (int)FileOwnerKind.Group ? -(long)Errno.EINVAL : Set(file, (FileOwnerKind)kind, id);
    }

    /// <summary>F_GETOWNER_UIDS: writes the user ids of who set the owner, real and effective.</summary>
    [MightSleep]
    public static long GetUserIds(OpenFile file, [UserAddress] ulong address) => WritePair(address, (int)file.Owner.UserId, (int)file.Owner.EffectiveUserId);

    [MightSleep]
    private static long Set(OpenFile file, FileOwnerKind kind, int id)
    {
        FileOwner owner = FileOwner.None;
        Errno error = id < 0 ? Errno.ESRCH : FileServices.Instance?.FindOwner(kind, id, out owner) ?? Errno.ESRCH;
        if (error == Errno.Ok)
        {
            file.Owner = owner;
        }

        return -(long)error;
    }

    private static FileOwner ThereOrNone(FileOwner owner) => FileServices.Instance is { } services && services.IsThere(owner) ? owner : FileOwner.None;

    [MightSleep]
    private static long WritePair([UserAddress] ulong address, int first, int second)
    {
        Span<byte> pair = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(pair, first);
        BinaryPrimitives.WriteInt32LittleEndian(pair[4..], second);
        return UserMemory.TryWrite(address, pair) ? 0 : -(long)Errno.EFAULT;
    }
}
