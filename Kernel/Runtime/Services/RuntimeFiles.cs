using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Services;

/// <summary>
/// The files behind <c>System.IO</c>. The file layer is above the runtime, so it puts an instance into <see cref="Instance"/> at boot; before, no path exists but the root. All .NET code of the kernel is one
/// program here: one table of descriptors, one working directory, one umask, and it passes every check of permissions. A class and not an interface, because a virtual call needs no dispatch cache.
/// </summary>
/// <remarks>
/// All members: task context, may sleep, no lock held. Paths are 1 to 4095 bytes without NUL. Results are 0 or a count, or a negative error number of Linux (errno(3)); nothing is thrown.
/// </remarks>
public abstract class RuntimeFiles
{
    /// <summary>An offset that means: at the file's position.</summary>
    public const long AtPosition = -1;

    /// <summary>The file layer's instance; null until there is a tree of names. Written once.</summary>
    [Atomic]
    public static RuntimeFiles? Instance { get; set; }

    /// <summary>open(2).</summary>
    /// <param name="path">The path.</param>
    /// <param name="flags">O_* of Linux x86-64.</param>
    /// <param name="mode">Permissions of a new file; the umask is applied.</param>
    /// <returns>A descriptor, 0 and up, or an error.</returns>
    [MightSleep]
    public abstract long Open(ReadOnlySpan<byte> path, int flags, uint mode);

    /// <summary>close(2).</summary>
    [MightSleep]
    public abstract long Close(int descriptor);

    /// <summary>dup(2).</summary>
    [MightSleep]
    public abstract long Duplicate(int descriptor);

    /// <summary>read(2), pread(2).</summary>
    /// <param name="descriptor">The file.</param>
    /// <param name="to">Where it goes; it stays where it is.</param>
    /// <param name="offset">0 and up, or <see cref="AtPosition"/>.</param>
    [MightSleep]
    public abstract long Read(int descriptor, Span<byte> to, long offset);

    /// <summary>write(2), pwrite(2).</summary>
    /// <param name="descriptor">The file.</param>
    /// <param name="from">What is written.</param>
    /// <param name="offset">0 and up, or <see cref="AtPosition"/>.</param>
    [MightSleep]
    public abstract long Write(int descriptor, ReadOnlySpan<byte> from, long offset);

    /// <summary>lseek(2).</summary>
    [MightSleep]
    public abstract long Seek(int descriptor, long offset, int origin);

    /// <summary>Whether it is a terminal (isatty(3)): 1 or 0, or an error.</summary>
    [MightSleep]
    public abstract long IsTerminal(int descriptor);

    /// <summary>poll(2) of one descriptor.</summary>
    /// <param name="descriptor">The file.</param>
    /// <param name="events">POLL* that are asked for.</param>
    /// <param name="milliseconds">How long to wait; negative for ever.</param>
    /// <returns>The POLL* that are there, 0 when the time has passed.</returns>
    [MightSleep]
    public abstract long Poll(int descriptor, int events, int milliseconds);

    /// <summary>fstat(2).</summary>
    [MightSleep]
    public abstract long GetStatus(int descriptor, out RuntimeFileStatus status);

    /// <summary>stat(2), lstat(2).</summary>
    [MightSleep]
    public abstract long GetStatus(ReadOnlySpan<byte> path, bool follow, out RuntimeFileStatus status);

    /// <summary>ftruncate(2).</summary>
    [MightSleep]
    public abstract long Truncate(int descriptor, long size);

    /// <summary>fsync(2).</summary>
    [MightSleep]
    public abstract long Synchronize(int descriptor);

    /// <summary>fallocate(2) with FALLOC_FL_KEEP_SIZE.</summary>
    [MightSleep]
    public abstract long Allocate(int descriptor, long offset, long length);

    /// <summary>flock(2): LOCK_SH 1, LOCK_EX 2, LOCK_UN 8, with LOCK_NB 4.</summary>
    [MightSleep]
    public abstract long Lock(int descriptor, int operation);

    /// <summary>fcntl(2), F_SETLK.</summary>
    /// <param name="descriptor">The file.</param>
    /// <param name="offset">First byte, from the file's start.</param>
    /// <param name="length">Bytes; 0: all that follow.</param>
    /// <param name="type">F_RDLCK 0, F_WRLCK 1, F_UNLCK 2.</param>
    [MightSleep]
    public abstract long LockRange(int descriptor, long offset, long length, int type);

    /// <summary>fchmod(2).</summary>
    [MightSleep]
    public abstract long ChangeMode(int descriptor, uint mode);

    /// <summary>chmod(2).</summary>
    [MightSleep]
    public abstract long ChangeMode(ReadOnlySpan<byte> path, uint mode);

    /// <summary>futimens(3).</summary>
    /// <param name="descriptor">The file.</param>
    /// <param name="access">Nanoseconds since 1970; null: stays.</param>
    /// <param name="modify">Nanoseconds since 1970; null: stays.</param>
    [MightSleep]
    public abstract long SetTimes(int descriptor, long? access, long? modify);

    /// <summary>utimensat(2) with AT_SYMLINK_NOFOLLOW.</summary>
    [MightSleep]
    public abstract long SetTimes(ReadOnlySpan<byte> path, long? access, long? modify);

    /// <summary>access(2): F_OK 0, X_OK 1, W_OK 2, R_OK 4.</summary>
    [MightSleep]
    public abstract long CheckAccess(ReadOnlySpan<byte> path, int mode);

    /// <summary>mkdir(2).</summary>
    [MightSleep]
    public abstract long MakeDirectory(ReadOnlySpan<byte> path, uint mode);

    /// <summary>rmdir(2).</summary>
    [MightSleep]
    public abstract long RemoveDirectory(ReadOnlySpan<byte> path);

    /// <summary>unlink(2).</summary>
    [MightSleep]
    public abstract long Unlink(ReadOnlySpan<byte> path);

    /// <summary>rename(2).</summary>
    [MightSleep]
    public abstract long Rename(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to);

    /// <summary>link(2).</summary>
    [MightSleep]
    public abstract long Link(ReadOnlySpan<byte> target, ReadOnlySpan<byte> path);

    /// <summary>symlink(2).</summary>
    [MightSleep]
    public abstract long MakeSymbolicLink(ReadOnlySpan<byte> target, ReadOnlySpan<byte> path);

    /// <summary>readlink(2).</summary>
    /// <returns>Bytes put there; what does not fit is cut off.</returns>
    [MightSleep]
    public abstract long ReadLink(ReadOnlySpan<byte> path, Span<byte> to);

    /// <summary>realpath(3): the path without symbolic links and dots.</summary>
    /// <returns>Bytes put there, without NUL; -ENAMETOOLONG if they do not fit.</returns>
    [MightSleep]
    public abstract long GetRealPath(ReadOnlySpan<byte> path, Span<byte> to);

    /// <summary>getdents64(2): entries from the position on, as records of linux_dirent64.</summary>
    /// <returns>Bytes of records; 0 at the end.</returns>
    [MightSleep]
    public abstract long ReadDirectory(int descriptor, Span<byte> to);

    /// <summary>chdir(2).</summary>
    [MightSleep]
    public abstract long ChangeDirectory(ReadOnlySpan<byte> path);

    /// <summary>getcwd(2).</summary>
    /// <returns>Bytes put there, without NUL; -ERANGE if they do not fit.</returns>
    [MightSleep]
    public abstract long GetDirectory(Span<byte> to);

    /// <summary>fstatfs(2).</summary>
    [MightSleep]
    public abstract long GetStatistics(int descriptor, out RuntimeFileSystemStatistics statistics);

    /// <summary>statfs(2).</summary>
    [MightSleep]
    public abstract long GetStatistics(ReadOnlySpan<byte> path, out RuntimeFileSystemStatistics statistics);

    /// <summary>The name of the type of the file system that a path is on, such as <c>tmpfs</c>.</summary>
    /// <returns>Bytes put there, without NUL; -ENAMETOOLONG if they do not fit.</returns>
    [MightSleep]
    public abstract long GetFileSystemType(ReadOnlySpan<byte> path, Span<byte> to);

    /// <summary>Where the mount of a number is.</summary>
    /// <param name="index">0 and up, in the order of mounting.</param>
    /// <param name="to">The path, without NUL.</param>
    /// <returns>Bytes put there, 0 for a mount that is not seen; -ENOENT behind the last one.</returns>
    [MightSleep]
    public abstract long GetMountPoint(int index, Span<byte> to);

    /// <summary>inotify_init1(2) with IN_CLOEXEC.</summary>
    /// <returns>A descriptor.</returns>
    [MightSleep]
    public abstract long CreateWatcher();

    /// <summary>inotify_add_watch(2).</summary>
    /// <returns>The watch.</returns>
    [MightSleep]
    public abstract long AddWatch(int descriptor, ReadOnlySpan<byte> path, uint events);

    /// <summary>inotify_rm_watch(2).</summary>
    [MightSleep]
    public abstract long RemoveWatch(int descriptor, int watch);
}
