using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Files;

/// <summary>What the calls of extended attributes share: names and values as arguments.</summary>
internal static class ExtendedAttributeArguments
{
    // XATTR_CREATE and XATTR_REPLACE.
    private const int Create = 1;
    private const int Replace = 2;

    // XATTR_NAME_MAX and the byte behind it; XATTR_SIZE_MAX, XATTR_LIST_MAX.
    private const int NameBuffer = 256;
    private const int ValueMaximum = 65_536;

    /// <summary>The file of a descriptor.</summary>
    /// <returns>EBADF: none, or one that was opened with O_PATH.</returns>
    [MightSleep]
    public static Errno Resolve(UserThread thread, int descriptor, out VfsPath path)
    {
        using FileReference reference = thread.Files!.Get(descriptor);
        path = reference.File is { IsPathOnly: false } file ? PathArguments.PlaceOf(file) : default;
        return path.IsNull ? Errno.EBADF : Errno.Ok;
    }

    /// <summary>setxattr(2).</summary>
    [MightSleep]
    public static long Set(UserThread thread, in VfsPath path, [UserAddress] ulong name, [UserAddress] ulong value, ulong bytes, int flags)
    {
        if ((flags & ~(Create | Replace)) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        Span<byte> buffer = stackalloc byte[NameBuffer];
        Errno error = ReadName(name, buffer, out ReadOnlySpan<byte> text);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        if (bytes > ValueMaximum)
        {
            return -(long)Errno.E2BIG;
        }

        byte[] copy = new byte[bytes];
        if (bytes != 0 && !UserMemory.TryRead(value, copy))
        {
            return -(long)Errno.EFAULT;
        }

        return -(long)Vfs.SetExtendedAttribute(path, thread.Credentials, text, copy, (flags & Create) != 0, (flags & Replace) != 0);
    }

    /// <summary>getxattr(2).</summary>
    [MightSleep]
    public static long Get(UserThread thread, in VfsPath path, [UserAddress] ulong name, [UserAddress] ulong value, ulong bytes)
    {
        Span<byte> buffer = stackalloc byte[NameBuffer];
        Errno error = ReadName(name, buffer, out ReadOnlySpan<byte> text);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        error = Vfs.GetExtendedAttribute(path.Inode!, thread.Credentials, text, out byte[] found);
        return error == Errno.Ok ? Give(found, value, bytes) : -(long)error;
    }

    /// <summary>listxattr(2).</summary>
    [MightSleep]
    public static long List(UserThread thread, in VfsPath path, [UserAddress] ulong list, ulong bytes)
    {
        Errno error = Vfs.ListExtendedAttributes(path.Inode!, thread.Credentials, out byte[] names);
        return error == Errno.Ok ? Give(names, list, bytes) : -(long)error;
    }

    /// <summary>removexattr(2).</summary>
    [MightSleep]
    public static long Remove(UserThread thread, in VfsPath path, [UserAddress] ulong name)
    {
        Span<byte> buffer = stackalloc byte[NameBuffer];
        Errno error = ReadName(name, buffer, out ReadOnlySpan<byte> text);
        return -(long)(error == Errno.Ok ? Vfs.RemoveExtendedAttribute(path, thread.Credentials, text) : error);
    }

    // With no room at all, the length is what is asked for.
    [MightSleep]
    private static long Give(byte[] from, [UserAddress] ulong to, ulong room)
    {
        if (room == 0)
        {
            return from.Length;
        }

        return (ulong)from.Length > room ? -(long)Errno.ERANGE : UserMemory.TryWrite(to, from) ? from.Length : -(long)Errno.EFAULT;
    }

    [MightSleep]
    private static Errno ReadName([UserAddress] ulong address, Span<byte> buffer, out ReadOnlySpan<byte> name)
    {
        int length = UserMemory.ReadString(address, buffer);
        name = length > 0 ? buffer[..length] : default;
        return length > 0 ? Errno.Ok : length is 0 or -(int)Errno.ENAMETOOLONG ? Errno.ERANGE : Errno.EFAULT;
    }
}
