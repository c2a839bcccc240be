using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Tmpfs;

/// <summary>Files without a place in the tree of names (memfd_create(2)), in a tmpfs that is mounted nowhere and has no limits.</summary>
public static class MemoryFiles
{
    private const uint AllPermissions = 0x1FF;

    private static readonly TmpfsFileSystem s_fileSystem = new(new TmpfsType(), new TmpfsOptions());

    private static readonly Mount s_mount = new(s_fileSystem, new DirectoryEntry(null, [], s_fileSystem.Root), MountFlags.None, "tmpfs") { IsInternal = true };

    /// <summary>Makes a file and opens it for reading and writing. Task context.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="description">What /proc/PID/fd shows.</param>
    /// <param name="mayBeSealed">Seals may be added.</param>
    /// <param name="file">The open file, with one reference.</param>
    [MightSleep]
    public static Errno TryCreate(ReadOnlySpan<byte> name, string description, bool mayBeSealed, out OpenFile? file)
    {
        Credentials credentials = Credentials.Current;

        // A place in a mount that nobody reaches: by the descriptor it can be executed, and found as /proc/PID/exe.
        var entry = new DirectoryEntry(s_mount.Root, name, null);
        TmpfsFile? inode = s_fileSystem.TryCreateUnnamed(
            AllPermissions,
            credentials.FileUserId,
            credentials.FileGroupId,
            mayBeSealed ? FileSeals.None : FileSeals.Seal,
            description: description);
        if (inode is null)
        {
            file = null;
            return Errno.ENOSPC;
        }

        entry.SetInode(inode);
        entry.SetDeleted();
        return inode.Open(new VfsPath(s_mount, entry), OpenFlags.ReadWrite | OpenFlags.LargeFile, out file);
    }
}
