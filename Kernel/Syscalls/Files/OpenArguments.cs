using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Pipes;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Files;

/// <summary>What the calls that make descriptors share.</summary>
internal static class OpenArguments
{
    // What open(2) ignores, openat2(2) refuses.
    private const OpenFlags Known = OpenFlags.AccessMode | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoControllingTerminal | OpenFlags.Truncate | OpenFlags.Append | OpenFlags.NonBlocking
        | OpenFlags.Sync | OpenFlags.Async | OpenFlags.Direct | OpenFlags.LargeFile | OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.NoAccessTime | OpenFlags.CloseOnExec | OpenFlags.Path | OpenFlags.TemporaryBit;

    /// <summary>Opens a path and makes a descriptor.</summary>
    [MightSleep]
    public static long Open(UserThread thread, int directory, [UserAddress] ulong address, OpenFlags flags, uint mode, ResolveFlags resolve)
    {
        flags &= Known;
        Errno error = Check(ref flags);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        Span<byte> buffer = stackalloc byte[PathArguments.UsualMaximum];
        error = PathArguments.Read(address, buffer, out ReadOnlySpan<byte> path);
        if (error == Errno.Ok)
        {
            error = PathArguments.Begin(thread, directory, path, out PathWalk walk);
            if (error == Errno.Ok)
            {
                return OpenAt(thread, walk, path, flags, mode, resolve);
            }
        }

        return -(long)error;
    }

    /// <summary>openat2(2): flags, mode and restrictions are in a structure that may be longer in the future.</summary>
    [MightSleep]
    public static long OpenHow(UserThread thread, int directory, [UserAddress] ulong address, [UserAddress] ulong how, ulong bytes)
    {
        const int Words = 3;
        if (bytes < Words * sizeof(ulong))
        {
            return -(long)Errno.EINVAL;
        }

        if (bytes > PathLimits.PathMaximum)
        {
            return -(long)Errno.E2BIG;
        }

        Span<byte> structure = stackalloc byte[PathLimits.PathMaximum];
        structure = structure[..(int)bytes];
        if (!UserMemory.TryRead(how, structure))
        {
            return -(long)Errno.EFAULT;
        }

        if (structure[(Words * sizeof(ulong))..].ContainsAnyExcept((byte)0))
        {
            return -(long)Errno.E2BIG;
        }

        ulong flags = BitConverter.ToUInt64(structure);
        ulong mode = BitConverter.ToUInt64(structure[8..]);
        ulong resolve = BitConverter.ToUInt64(structure[16..]);
        var open = (OpenFlags)(int)flags;
        bool creates = (open & OpenFlags.Create) != 0 || (open & OpenFlags.Temporary) == OpenFlags.Temporary;
        bool isPath = (open & OpenFlags.Path) != 0 && (open & ~(OpenFlags.Path | OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.CloseOnExec)) != 0;
        if ((flags & ~(ulong)Known) != 0 || (creates ? mode & ~(ulong)FileMode.PermissionMask : mode) != 0 || isPath || !TryReadResolve(resolve, out ResolveFlags found))
        {
            return -(long)Errno.EINVAL;
        }

        bool changes = creates || (open & OpenFlags.Truncate) != 0;
        return (found & ResolveFlags.Cached) != 0 && changes ? -(long)Errno.EAGAIN : Open(thread, directory, address, open, (uint)mode, found);
    }

    /// <summary>Makes a pipe and two descriptors.</summary>
    [MightSleep]
    public static long Pipe(UserThread thread, [UserAddress] ulong address, OpenFlags flags)
    {
        if ((flags & ~(OpenFlags.CloseOnExec | OpenFlags.NonBlocking | OpenFlags.Direct)) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        FileTable table = thread.Files!;
        bool closeOnExec = (flags & OpenFlags.CloseOnExec) != 0;
        Errno error = table.Reserve(out int first, 0, closeOnExec);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        error = table.Reserve(out int second, 0, closeOnExec);
        if (error != Errno.Ok)
        {
            table.Unreserve(first);
            return -(long)error;
        }

        // Told before they exist: nothing is to be undone that another thread has seen.
        if (!UserMemory.TryWrite(address, (uint)first | ((ulong)second << 32)))
        {
            table.Unreserve(first);
            table.Unreserve(second);
            return -(long)Errno.EFAULT;
        }

        try
        {
            Pipes.Create(thread.Credentials, flags, out OpenFile reader, out OpenFile writer);
            table.Install(first, reader);
            table.Install(second, writer);
            return 0;
        }
        catch (OutOfMemoryException)
        {
            table.Unreserve(first);
            table.Unreserve(second);
            return -(long)Errno.ENOMEM;
        }
    }

    /// <summary>Gives a file one more descriptor, the lowest from a number on.</summary>
    [MightSleep]
    public static long Duplicate(UserThread thread, int from, int lowest, bool closeOnExec)
    {
        FileTable table = thread.Files!;
        if (table.TryGet(from, out OpenFile? file) != Errno.Ok)
        {
            return -(long)Errno.EBADF;
        }

        Errno error = table.Reserve(out int descriptor, lowest, closeOnExec);
        if (error != Errno.Ok)
        {
            file!.Release();
            return -(long)error;
        }

        table.Install(descriptor, file!);
        return descriptor;
    }

    /// <summary>Gives a file a certain other descriptor.</summary>
    [MightSleep]
    public static long DuplicateTo(UserThread thread, int from, int to, bool closeOnExec)
    {
        FileTable table = thread.Files!;
        return table.TryGet(from, out OpenFile? file) == Errno.Ok ? table.Replace(to, file!, closeOnExec) : -(long)Errno.EBADF;
    }

    // The number comes first: with none left, nothing is created or opened.
    [MightSleep]
    private static long OpenAt(UserThread thread, in PathWalk walk, ReadOnlySpan<byte> path, OpenFlags flags, uint mode, ResolveFlags resolve)
    {
        FileTable table = thread.Files!;
        Errno error = table.Reserve(out int descriptor, 0, (flags & OpenFlags.CloseOnExec) != 0);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        try
        {
            error = Vfs.Open(walk, path, flags, mode, resolve, out OpenFile? file);
            if (error == Errno.Ok)
            {
                table.Install(descriptor, file!);
                return descriptor;
            }
        }
        catch (OutOfMemoryException)
        {
            error = Errno.ENOMEM;
        }

        table.Unreserve(descriptor);
        return -(long)error;
    }

    private static Errno Check(ref OpenFlags flags)
    {
        if ((flags & OpenFlags.TemporaryBit) != 0)
        {
            bool isWhole = (flags & OpenFlags.Temporary) == OpenFlags.Temporary && (flags & OpenFlags.Create) == 0;
            if (!isWhole || (flags & OpenFlags.AccessMode) is not (OpenFlags.WriteOnly or OpenFlags.ReadWrite))
            {
                return Errno.EINVAL;
            }
        }

        // Making a directory by opening it makes no sense (open(2), BUGS).
        if ((flags & (OpenFlags.Create | OpenFlags.Directory | OpenFlags.Path)) == (OpenFlags.Create | OpenFlags.Directory))
        {
            return Errno.EINVAL;
        }

        if ((flags & OpenFlags.SyncBit) != 0)
        {
            flags |= OpenFlags.DataSync;
        }

        return Errno.Ok;
    }

    private static bool TryReadResolve(ulong from, out ResolveFlags flags)
    {
        const ulong NoCrossing = 1;
        const ulong NoMagicLinks = 2;
        const ulong NoSymbolicLinks = 4;
        const ulong Beneath = 8;
        const ulong InRoot = 16;
        const ulong Cached = 32;
        flags = ResolveFlags.None;
        flags |= (from & NoCrossing) != 0 ? ResolveFlags.NoCrossing : 0;
        flags |= (from & NoMagicLinks) != 0 ? ResolveFlags.NoMagicLinks : 0;
        flags |= (from & NoSymbolicLinks) != 0 ? ResolveFlags.NoSymbolicLinks : 0;
        flags |= (from & Beneath) != 0 ? ResolveFlags.Beneath : 0;
        flags |= (from & InRoot) != 0 ? ResolveFlags.InRoot : 0;
        flags |= (from & Cached) != 0 ? ResolveFlags.Cached : 0;
        return from < Cached * 2 && (from & (Beneath | InRoot)) != (Beneath | InRoot);
    }
}
