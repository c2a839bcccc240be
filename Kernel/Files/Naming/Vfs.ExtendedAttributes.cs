using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Notification;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Naming;

// setxattr(2), getxattr(2), listxattr(2), removexattr(2): who may do what with which namespace is in xattr(7).
public static partial class Vfs
{
    /// <summary>Sets an extended attribute.</summary>
    /// <param name="path">What.</param>
    /// <param name="credentials">By whom.</param>
    /// <param name="name">1 to 255 bytes, with its namespace.</param>
    /// <param name="value">Its value, at most 64 KiB, which the inode keeps.</param>
    /// <param name="mustBeNew">XATTR_CREATE.</param>
    /// <param name="mustExist">XATTR_REPLACE.</param>
    /// <returns>EROFS; EPERM, EACCES: not by them; EOPNOTSUPP: not in this file system or namespace; EINVAL: no name behind the namespace, or no value that fits; EEXIST; ENODATA; ENOSPC.</returns>
    [MightSleep]
    public static Errno SetExtendedAttribute(in VfsPath path, Credentials credentials, ReadOnlySpan<byte> name, byte[] value, bool mustBeNew, bool mustExist)
    {
        ArgumentNullException.ThrowIfNull(value);
        Inode inode = path.Inode!;
        Errno error = CheckExtendedChange(path, credentials, name);
        if (error != Errno.Ok)
        {
            return error;
        }

        if (name.SequenceEqual(ExtendedAttributes.FileCapabilityName) && !IsFileCapability(value))
        {
            return Errno.EINVAL;
        }

        error = inode.GetExtendedAttributes().Set(name, value, mustBeNew, mustExist);
        if (error == Errno.Ok)
        {
            inode.TouchChange();
            FileNotify.Changed(path, NotifyEvents.Attributes);
        }

        return error;
    }

    /// <summary>Takes an extended attribute away.</summary>
    /// <returns>As <see cref="SetExtendedAttribute"/>; ENODATA: it is not set.</returns>
    [MightSleep]
    public static Errno RemoveExtendedAttribute(in VfsPath path, Credentials credentials, ReadOnlySpan<byte> name)
    {
        Inode inode = path.Inode!;
        Errno error = CheckExtendedChange(path, credentials, name);
        if (error != Errno.Ok)
        {
            return error;
        }

        error = inode.ExtendedAttributes?.Remove(name) ?? Errno.ENODATA;
        if (error == Errno.Ok)
        {
            inode.TouchChange();
            FileNotify.Changed(path, NotifyEvents.Attributes);
        }

        return error;
    }

    /// <summary>The value of an extended attribute.</summary>
    /// <param name="inode">What.</param>
    /// <param name="credentials">For whom.</param>
    /// <param name="name">1 to 255 bytes, with its namespace.</param>
    /// <param name="value">The value, which nobody writes to.</param>
    /// <returns>EOPNOTSUPP; EACCES; EINVAL; ENODATA: it is not set, or not for them.</returns>
    [MightSleep]
    public static Errno GetExtendedAttribute(Inode inode, Credentials credentials, ReadOnlySpan<byte> name, out byte[] value)
    {
        value = [];
        if (name.StartsWith("trusted."u8) && !credentials.Has(Capability.SysAdmin))
        {
            return Errno.ENODATA;
        }

        if (name.StartsWith("user."u8))
        {
            Errno access = inode.IsRegular || inode.IsDirectory ? CheckAccess(inode, credentials, Read) : Errno.ENODATA;
            if (access != Errno.Ok)
            {
                return access;
            }
        }

        Errno error = CheckNamespace(inode, name);
        if (error != Errno.Ok)
        {
            return error;
        }

        if (inode.ExtendedAttributes?.Get(name) is not { } found)
        {
            return Errno.ENODATA;
        }

        value = found;
        return Errno.Ok;
    }

    /// <summary>The names of the extended attributes, each with a NUL behind it; without those that the caller may not know.</summary>
    /// <returns>EOPNOTSUPP: not in this file system.</returns>
    [MightSleep]
    public static Errno ListExtendedAttributes(Inode inode, Credentials credentials, out byte[] names)
    {
        names = [];
        if (!inode.FileSystem.KeepsExtendedAttributes)
        {
            return Errno.EOPNOTSUPP;
        }

        names = inode.ExtendedAttributes?.List(credentials.Has(Capability.SysAdmin)) ?? [];
        return Errno.Ok;
    }

    [MightSleep]
    private static Errno CheckExtendedChange(in VfsPath path, Credentials credentials, ReadOnlySpan<byte> name)
    {
        Inode inode = path.Inode!;
        if (path.Mount is { IsReadOnly: true })
        {
            return Errno.EROFS;
        }

        if (name.StartsWith("security."u8))
        {
            Capability needed = name.SequenceEqual(ExtendedAttributes.FileCapabilityName) ? Capability.SetFileCapabilities : Capability.SysAdmin;
            if (!credentials.Has(needed))
            {
                return Errno.EPERM;
            }
        }
        else if (name.StartsWith("trusted."u8))
        {
            if (!credentials.Has(Capability.SysAdmin))
            {
                return Errno.EPERM;
            }
        }
        else
        {
            if (name.StartsWith("user."u8))
            {
                bool isStored = inode.IsRegular || inode.IsDirectory;
                if (!isStored || (inode.IsDirectory && (inode.Mode & FileMode.Sticky) != 0 && !IsOwner(inode, credentials)))
                {
                    return Errno.EPERM;
                }
            }

            Errno error = CheckAccess(inode, credentials, Write);
            if (error != Errno.Ok)
            {
                return error;
            }
        }

        return CheckNamespace(inode, name);
    }

    // Whether the file system has the namespace, and something is behind its dot.
    private static Errno CheckNamespace(Inode inode, ReadOnlySpan<byte> name)
    {
        int dot = name.IndexOf((byte)'.');
        ReadOnlySpan<byte> space = dot >= 0 ? name[..dot] : default;
        bool isKept = inode.FileSystem.KeepsExtendedAttributes && (space.SequenceEqual("user"u8) || space.SequenceEqual("trusted"u8) || space.SequenceEqual("security"u8));
        return !isKept ? Errno.EOPNOTSUPP : dot == name.Length - 1 ? Errno.EINVAL : Errno.Ok;
    }

    // struct vfs_cap_data of revision 2, or of revision 3 with the root user id of a namespace.
    private static bool IsFileCapability(byte[] value)
    {
        const uint RevisionMask = 0xFF00_0000;
        const uint Revision2 = 0x0200_0000;
        const uint Revision3 = 0x0300_0000;
        const int Bytes2 = 20;
        const int Bytes3 = 24;
        if (value.Length < sizeof(uint))
        {
            return false;
        }

        uint revision = BitConverter.ToUInt32(value) & RevisionMask;
        return revision switch
        {
            Revision2 => value.Length == Bytes2,
            Revision3 => value.Length == Bytes3,
            _ => false,
        };
    }
}
