using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Files;

/// <summary>What the calls that set times of files share. Times that 64 bits of nanoseconds do not hold become the nearest that they do.</summary>
internal static class TimeArguments
{
    private const long Now = (1L << 30) - 1;
    private const long Omit = (1L << 30) - 2;
    private const long MicrosecondsPerSecond = 1_000_000;

    /// <summary>utime(2): two numbers of seconds.</summary>
    [MightSleep]
    public static long SetSeconds(UserThread thread, [UserAddress] ulong path, [UserAddress] ulong times)
    {
        if (times == 0)
        {
            return Set(thread, PathLimits.WorkingDirectory, path, Vfs.Now, Vfs.Now, areNow: true, 0);
        }

        if (!UserMemory.TryRead(times, out ulong access) || !UserMemory.TryRead(times + sizeof(ulong), out ulong modify))
        {
            return -(long)Errno.EFAULT;
        }

        return Set(thread, PathLimits.WorkingDirectory, path, Join((long)access, 0), Join((long)modify, 0), areNow: false, 0);
    }

    /// <summary>utimes(2), futimesat(2): two struct timeval.</summary>
    [MightSleep]
    public static long SetMicroseconds(UserThread thread, int directory, [UserAddress] ulong path, [UserAddress] ulong times)
    {
        if (times == 0)
        {
            return SetAny(thread, directory, path, Vfs.Now, Vfs.Now, areNow: true, 0);
        }

        var pointer = new UserPointer<Timespec>(times);
        if (!pointer.TryRead(out Timespec access) || !pointer.At(1).TryRead(out Timespec modify))
        {
            return -(long)Errno.EFAULT;
        }

        if ((ulong)access.Nanoseconds >= MicrosecondsPerSecond || (ulong)modify.Nanoseconds >= MicrosecondsPerSecond)
        {
            return -(long)Errno.EINVAL;
        }

        return SetAny(thread, directory, path, Join(access.Seconds, access.Nanoseconds * 1000), Join(modify.Seconds, modify.Nanoseconds * 1000), areNow: false, 0);
    }

    /// <summary>utimensat(2): two struct timespec. Without a path it is futimens(3).</summary>
    [MightSleep]
    public static long SetNanoseconds(UserThread thread, int directory, [UserAddress] ulong path, [UserAddress] ulong times, int flags)
    {
        long? accessTime = Vfs.Now;
        long? modifyTime = accessTime;
        bool areNow = true;
        if (times != 0)
        {
            var pointer = new UserPointer<Timespec>(times);
            if (!pointer.TryRead(out Timespec access) || !pointer.At(1).TryRead(out Timespec modify))
            {
                return -(long)Errno.EFAULT;
            }

            // Nothing to do: not even the path is looked at.
            if (access.Nanoseconds == Omit && modify.Nanoseconds == Omit)
            {
                return 0;
            }

            if (!IsValid(access) || !IsValid(modify))
            {
                return -(long)Errno.EINVAL;
            }

            areNow = access.Nanoseconds == Now && modify.Nanoseconds == Now;
            accessTime = Choose(access, Vfs.Now);
            modifyTime = Choose(modify, Vfs.Now);
        }

        return (flags & ~(PathArguments.NoFollow | PathArguments.EmptyPath)) != 0
            ? -(long)Errno.EINVAL : SetAny(thread, directory, path, accessTime, modifyTime, areNow, flags);
    }

    // Without a path it is the descriptor's own file.
    [MightSleep]
    private static long SetAny(UserThread thread, int directory, [UserAddress] ulong path, long? access, long? modify, bool areNow, int flags)
    {
        if (path != 0)
        {
            return Set(thread, directory, path, access, modify, areNow, flags);
        }

        if (directory == PathLimits.WorkingDirectory)
        {
            return -(long)Errno.EFAULT;
        }

        if (flags != 0)
        {
            return -(long)Errno.EINVAL;
        }

        using FileReference reference = thread.Files!.Get(directory);
        return reference.File is { IsPathOnly: false } file
            ? -(long)Vfs.SetTimes(PathArguments.PlaceOf(file), thread.Credentials, access, modify, areNow) : -(long)Errno.EBADF;
    }

    [MightSleep]
    private static long Set(UserThread thread, int directory, [UserAddress] ulong path, long? access, long? modify, bool areNow, int flags)
    {
        Errno error = PathArguments.Resolve(thread, directory, path, PathArguments.FlagsOf(flags), out VfsPath found);
        return -(long)(error == Errno.Ok ? Vfs.SetTimes(found, thread.Credentials, access, modify, areNow) : error);
    }

    private static bool IsValid(in Timespec time) => (ulong)time.Nanoseconds < Timespec.PerSecond || time.Nanoseconds is Now or Omit;

    private static long? Choose(in Timespec time, long now) => time.Nanoseconds switch
    {
        Now => now,
        Omit => null,
        _ => Join(time.Seconds, time.Nanoseconds),
    };

    private static long Join(long seconds, long nanoseconds)
    {
        const long Most = long.MaxValue / Timespec.PerSecond;
        return seconds >= Most ? long.MaxValue : seconds <= -Most ? long.MinValue : (seconds * Timespec.PerSecond) + nanoseconds;
    }
}
