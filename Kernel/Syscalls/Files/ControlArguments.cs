using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Locks;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Notification;
using CosmosKernel.Files.Pipes;
using CosmosKernel.Files.Tmpfs;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Files;

/// <summary>ioctl(2), fcntl(2), flock(2).</summary>
internal static class ControlArguments
{
    // ioctl requests that all files have.
    private const uint SetCloseOnExec = 0x5451;
    private const uint ClearCloseOnExec = 0x5450;
    private const uint SetNonBlocking = 0x5421;
    private const uint SetAsync = 0x5452;
    private const uint BytesToRead = 0x541B;

    /// <summary>ioctl(2).</summary>
    [MightSleep]
    public static long Control(UserThread thread, int descriptor, uint request, [UserAddress] ulong argument)
    {
        FileTable table = thread.Files!;
        using FileReference reference = table.Get(descriptor);
        if (reference.File is not { IsPathOnly: false } file)
        {
            return -(long)Errno.EBADF;
        }

        switch (request)
        {
            case SetCloseOnExec:
            case ClearCloseOnExec:
                return -(long)table.SetCloseOnExec(descriptor, request == SetCloseOnExec);
            case SetNonBlocking:
                return UserMemory.TryRead(argument, out uint on)
                    ? -(long)file.SetFlags(on != 0 ? file.Flags | OpenFlags.NonBlocking : file.Flags & ~OpenFlags.NonBlocking) : -(long)Errno.EFAULT;
            case SetAsync:
                return UserMemory.TryRead(argument, out on) ? OwnerArguments.SetAsync(file, descriptor, on != 0) : -(long)Errno.EFAULT;
            case BytesToRead when file.Inode.IsRegular && file is SeekableFile seekable:
                return UserMemory.TryWrite(argument, (uint)(file.Inode.Size - seekable.Position)) ? 0 : -(long)Errno.EFAULT;
            default:
                return file.Control(request, argument);
        }
    }

    /// <summary>fcntl(2).</summary>
    [MightSleep]
    public static long FileControl(UserThread thread, int descriptor, int command, [UserAddress] ulong argument)
    {
        FileTable table = thread.Files!;
        using FileReference reference = table.Get(descriptor);
        if (reference.File is not { } file || (file.IsPathOnly && command is not (FileControlCommand.Duplicate or FileControlCommand.DuplicateCloseOnExec or FileControlCommand.GetDescriptorFlags
            or FileControlCommand.SetDescriptorFlags or FileControlCommand.GetFlags)))
        {
            return -(long)Errno.EBADF;
        }

        switch (command)
        {
            case FileControlCommand.Duplicate:
            case FileControlCommand.DuplicateCloseOnExec:
                int lowest = NumberOf(argument);
                return lowest < 0 ? -(long)Errno.EINVAL : InvalidLowest(OpenArguments.Duplicate(thread, descriptor, lowest, command == FileControlCommand.DuplicateCloseOnExec), lowest);
            case FileControlCommand.GetDescriptorFlags:
                Errno error = table.GetCloseOnExec(descriptor, out bool closes);
                return error == Errno.Ok ? (closes ? 1 : 0) : -(long)error;
            case FileControlCommand.SetDescriptorFlags:
                return -(long)table.SetCloseOnExec(descriptor, (NumberOf(argument) & 1) != 0);
            case FileControlCommand.GetFlags:
                return (int)(file.Flags | OpenFlags.LargeFile);
            case FileControlCommand.SetFlags:
                OpenFlags flags = (OpenFlags)NumberOf(argument);
                bool isNew = (flags & OpenFlags.NoAccessTime) != 0 && (file.Flags & OpenFlags.NoAccessTime) == 0;
                return isNew && !Vfs.IsOwner(file.Inode, thread.Credentials) ? -(long)Errno.EPERM : OwnerArguments.SetFlags(file, descriptor, flags);
            case FileControlCommand.GetOwner:
                return OwnerArguments.Get(file);
            case FileControlCommand.SetOwner:
                return OwnerArguments.Set(file, NumberOf(argument));
            case FileControlCommand.GetOwnerExtended:
                return OwnerArguments.GetExtended(file, argument);
            case FileControlCommand.SetOwnerExtended:
                return OwnerArguments.SetExtended(file, argument);
            case FileControlCommand.GetOwnerUserIds:
                return OwnerArguments.GetUserIds(file, argument);
            case FileControlCommand.Notify:
                return -(long)FileNotify.Signal(file, table, descriptor, (DirectoryChanges)NumberOf(argument));
            case FileControlCommand.GetSignal:
                return file.OwnerSignal;
            case FileControlCommand.SetSignal:
                if ((uint)NumberOf(argument) > 64)
                {
                    return -(long)Errno.EINVAL;
                }

                file.OwnerSignal = NumberOf(argument);
                return 0;
            case FileControlCommand.GetPipeSize:
                return Pipes.GetSize(file);
            case FileControlCommand.SetPipeSize:
                return Pipes.SetSize(file, (uint)NumberOf(argument));
            case FileControlCommand.GetWriteHint:
                return UserMemory.TryWrite(argument, (ulong)file.Inode.WriteHint) ? 0 : -(long)Errno.EFAULT;
            case FileControlCommand.SetWriteHint:
                return SetWriteHint(file, argument);
            case FileControlCommand.GetSeals:
            case FileControlCommand.AddSeals:
                return Seal(file, command == FileControlCommand.AddSeals, (FileSeals)NumberOf(argument));
            case FileControlCommand.GetLock:
            case FileControlCommand.SetLock:
            case FileControlCommand.SetLockWait:
            case FileControlCommand.GetFileLock:
            case FileControlCommand.SetFileLock:
            case FileControlCommand.SetFileLockWait:
                return RecordLock(table, file, command, argument);
            case FileControlCommand.GetLease:
                return FileLeases.Get(file) switch
                {
                    FileLockAccess.Write => FileControlCommand.WriteLock,
                    FileLockAccess.Read => FileControlCommand.ReadLock,
                    _ => FileControlCommand.Unlock,
                };
            case FileControlCommand.SetLease:
                return NumberOf(argument) switch
                {
                    FileControlCommand.WriteLock => -(long)FileLeases.Set(file, descriptor, FileLockAccess.Write, thread.Credentials),
                    FileControlCommand.ReadLock => -(long)FileLeases.Set(file, descriptor, FileLockAccess.Read, thread.Credentials),
                    FileControlCommand.Unlock => -(long)FileLeases.Set(file, descriptor, FileLockAccess.None, thread.Credentials),
                    _ => -(long)Errno.EINVAL,
                };
            default:
                return -(long)Errno.EINVAL;
        }
    }

    [MightSleep]
    private static long SetWriteHint(OpenFile file, [UserAddress] ulong argument)
    {
        if (!UserMemory.TryRead(argument, out ulong hint))
        {
            return -(long)Errno.EFAULT;
        }

        if (hint > FileControlCommand.WriteHintMaximum)
        {
            return -(long)Errno.EINVAL;
        }

        file.Inode.WriteHint = (int)hint;
        return 0;
    }

    /// <summary>flock(2).</summary>
    [MightSleep]
    public static long Lock(UserThread thread, int descriptor, int operation)
    {
        const int Shared = 1;
        const int Exclusive = 2;
        const int NoWait = 4;
        const int Unlock = 8;
        using FileReference reference = thread.Files!.Get(descriptor);
        if (reference.File is not { IsPathOnly: false } file)
        {
            return -(long)Errno.EBADF;
        }

        bool waits = (operation & NoWait) == 0;
        return (operation & ~NoWait) switch
        {
            Shared => -(long)FileLocks.Flock(file, FileLockAccess.Read, waits),
            Exclusive => -(long)FileLocks.Flock(file, FileLockAccess.Write, waits),
            Unlock => -(long)FileLocks.Flock(file, FileLockAccess.None, waits),
            _ => -(long)Errno.EINVAL,
        };
    }

    // The argument of these commands is a number.
    [UserAccess("The argument is no address here.")]
    private static int NumberOf([UserAddress] ulong argument) => (int)argument;

    // F_DUPFD beyond the limit is EINVAL, not EMFILE (fcntl(2)).
    private static long InvalidLowest(long result, int lowest) =>
        result == -(long)Errno.EMFILE && lowest >= (CosmosKernel.Files.Users.FileServices.Instance?.DescriptorLimit ?? FileTable.Maximum) ? -(long)Errno.EINVAL : result;

    [MightSleep]
    private static long Seal(OpenFile file, bool adds, FileSeals seals)
    {
        if (file.Inode is not TmpfsFile inode)
        {
            return -(long)Errno.EINVAL;
        }

        if (!adds)
        {
            return (long)inode.Content.Seals;
        }

        return (seals & ~FileSeals.All) != 0 ? -(long)Errno.EINVAL : !file.IsWritable ? -(long)Errno.EPERM : -(long)inode.Content.AddSeals(seals);
    }

    [MightSleep]
    private static long RecordLock(FileTable table, OpenFile file, int command, [UserAddress] ulong argument)
    {
        var pointer = new UserPointer<FileLockRecord>(argument);
        if (!pointer.TryRead(out FileLockRecord record))
        {
            return -(long)Errno.EFAULT;
        }

        bool isOfFile = command is FileControlCommand.GetFileLock or FileControlCommand.SetFileLock or FileControlCommand.SetFileLockWait;
        if (isOfFile && record.Process != 0)
        {
            return -(long)Errno.EINVAL;
        }

        object owner = isOfFile ? file : table;
        if (command is FileControlCommand.GetLock or FileControlCommand.GetFileLock)
        {
            Errno found = RecordLocks.Test(file, owner, ref record);
            return found != Errno.Ok ? -(long)found : pointer.TryWrite(record) ? 0 : -(long)Errno.EFAULT;
        }

        return -(long)RecordLocks.Set(file, owner, record, command is FileControlCommand.SetLockWait or FileControlCommand.SetFileLockWait);
    }
}
