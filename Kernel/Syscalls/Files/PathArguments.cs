using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Files;

/// <summary>Paths and directory descriptors as arguments of system calls.</summary>
internal static class PathArguments
{
    /// <summary>AT_SYMLINK_NOFOLLOW.</summary>
    public const int NoFollow = 0x100;

    /// <summary>AT_REMOVEDIR of unlinkat(2), AT_EACCESS of faccessat2(2).</summary>
    public const int RemoveDirectory = 0x200;

    /// <summary>AT_SYMLINK_FOLLOW of linkat(2).</summary>
    public const int Follow = 0x400;

    /// <summary>AT_NO_AUTOMOUNT: there are no automounts.</summary>
    public const int NoAutomount = 0x800;

    /// <summary>AT_EMPTY_PATH.</summary>
    public const int EmptyPath = 0x1000;

    /// <summary>Bytes of the buffer on the stack that nearly all paths fit in. It is cleared each time, so a larger one costs more than most calls do.</summary>
    public const int UsualMaximum = 256;

    /// <summary>Reads a path.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="buffer"><see cref="UsualMaximum"/> bytes; a longer path gets memory of its own.</param>
    /// <param name="path">The path, without NUL.</param>
    /// <returns>EFAULT; ENAMETOOLONG.</returns>
    [MightSleep]
    public static Errno Read([UserAddress] ulong address, Span<byte> buffer, out ReadOnlySpan<byte> path)
    {
        int length = UserMemory.ReadString(address, buffer);
        if (length == -(int)Errno.ENAMETOOLONG && buffer.Length < PathLimits.PathMaximum)
        {
            buffer = new byte[PathLimits.PathMaximum];
            length = UserMemory.ReadString(address, buffer);
        }

        path = length < 0 ? default : buffer[..length];
        return length < 0 ? (Errno)(-length) : Errno.Ok;
    }

    /// <summary>Where a path begins.</summary>
    /// <param name="thread">Who calls.</param>
    /// <param name="directory">A descriptor, or AT_FDCWD.</param>
    /// <param name="path">The path: if it is absolute, the descriptor does not matter.</param>
    /// <param name="walk">The start, and the caller's rights.</param>
    /// <returns>EBADF; ENOTDIR: a file that is nowhere.</returns>
    [MightSleep]
    public static Errno Begin(UserThread thread, int directory, ReadOnlySpan<byte> path, out PathWalk walk)
    {
        FileSystemContext context = thread.FileSystem!;
        if (directory == PathLimits.WorkingDirectory || (!path.IsEmpty && path[0] == (byte)'/'))
        {
            walk = new PathWalk(context, thread.Credentials);
            return Errno.Ok;
        }

        walk = default;
        using FileReference reference = thread.Files!.Get(directory);
        if (reference.File is not { } file)
        {
            return Errno.EBADF;
        }

        if (file.Path.IsNull)
        {
            return Errno.ENOTDIR;
        }

        walk = new PathWalk(context, thread.Credentials, file.Path);
        return Errno.Ok;
    }

    /// <summary>Finds what a path names.</summary>
    /// <param name="thread">Who calls.</param>
    /// <param name="directory">A descriptor, or AT_FDCWD.</param>
    /// <param name="address">The path.</param>
    /// <param name="flags">How; AllowEmpty for AT_EMPTY_PATH.</param>
    /// <param name="found">What it names.</param>
    [MightSleep]
    public static Errno Resolve(UserThread thread, int directory, [UserAddress] ulong address, ResolveFlags flags, out VfsPath found) =>
        Resolve(thread, thread.Credentials, directory, address, flags, out found);

    /// <summary>As the other one, with other rights.</summary>
    [MightSleep]
    public static Errno Resolve(UserThread thread, Credentials credentials, int directory, [UserAddress] ulong address, ResolveFlags flags, out VfsPath found)
    {
        found = default;
        Span<byte> buffer = stackalloc byte[UsualMaximum];
        Errno error = Read(address, buffer, out ReadOnlySpan<byte> path);
        if (error != Errno.Ok)
        {
            return error;
        }

        // The descriptor itself, which may be of a file that is nowhere.
        if (path.IsEmpty && (flags & ResolveFlags.AllowEmpty) != 0 && directory != PathLimits.WorkingDirectory)
        {
            using FileReference reference = thread.Files!.Get(directory);
            found = reference.File is { } file ? PlaceOf(file) : default;
            return reference.File is null ? Errno.EBADF : Errno.Ok;
        }

        error = Begin(thread, directory, path, out PathWalk walk);
        if (error != Errno.Ok)
        {
            return error;
        }

        if (!ReferenceEquals(credentials, thread.Credentials))
        {
            walk = new PathWalk(thread.FileSystem!, credentials, walk.Start);
        }

        return Vfs.Resolve(walk, path, flags, out found);
    }

    /// <summary>The place of an open file; one that is nowhere gets an entry of its own, without a mount.</summary>
    public static VfsPath PlaceOf(OpenFile file) => file.Path.IsNull ? new VfsPath(null!, new DirectoryEntry(null, [], file.Inode)) : file.Path;

    /// <summary>Following as AT_SYMLINK_NOFOLLOW and AT_EMPTY_PATH say.</summary>
    public static ResolveFlags FlagsOf(int atFlags) =>
        ((atFlags & NoFollow) != 0 ? ResolveFlags.None : ResolveFlags.Follow) | ((atFlags & EmptyPath) != 0 ? ResolveFlags.AllowEmpty : ResolveFlags.None);
}
