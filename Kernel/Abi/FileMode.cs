namespace CosmosKernel.Abi;

/// <summary>Bits of st_mode (inode(7)).</summary>
public static class FileMode
{
    /// <summary>S_IFMT: the bits of the type.</summary>
    public const uint TypeMask = 0xF000;

    /// <summary>S_IFSOCK.</summary>
    public const uint Socket = 0xC000;

    /// <summary>S_IFLNK.</summary>
    public const uint SymbolicLink = 0xA000;

    /// <summary>S_IFREG.</summary>
    public const uint Regular = 0x8000;

    /// <summary>S_IFBLK.</summary>
    public const uint BlockDevice = 0x6000;

    /// <summary>S_IFDIR.</summary>
    public const uint Directory = 0x4000;

    /// <summary>S_IFCHR.</summary>
    public const uint CharacterDevice = 0x2000;

    /// <summary>S_IFIFO.</summary>
    public const uint Fifo = 0x1000;

    /// <summary>S_ISUID.</summary>
    public const uint SetUserId = 0x800;

    /// <summary>S_ISGID.</summary>
    public const uint SetGroupId = 0x400;

    /// <summary>S_ISVTX.</summary>
    public const uint Sticky = 0x200;

    /// <summary>Read, write and execute of user, group and others.</summary>
    public const uint AccessMask = 0x1FF;

    /// <summary>S_IXGRP.</summary>
    public const uint GroupExecute = 8;

    /// <summary>All bits that chmod(2) changes.</summary>
    public const uint PermissionMask = 0xFFF;

    /// <summary>True if the mode is one of the given type, for instance <see cref="Directory"/>.</summary>
    public static bool Is(uint mode, uint type) => (mode & TypeMask) == type;

    /// <summary>d_type of getdents64(2) for a mode: its type bits, shifted.</summary>
    public static byte DirectoryType(uint mode) => (byte)((mode & TypeMask) >> 12);
}
