using System;
using System.Text;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Managed;

/// <summary>
/// Paths with drives, as kernels written for Cosmos have them: <c>0:\dir\file</c>. A drive is a name for a directory. CoreLib takes such a path for a relative one and puts the working directory before it, so a drive
/// is looked for at the start of every component: what is before it does not count, and behind it <c>\</c> is <c>/</c>. As long as no drive is set, paths are POSIX's and any name may have a colon and a backslash.
/// </summary>
public static class DrivePaths
{
    /// <summary>Drives that there can be: 0 to 9.</summary>
    public const int Maximum = 10;

    private static readonly Mutex s_lock = new("drives");

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static byte[]?[] s_drives = [];

    /// <summary>Some drive is set. Any context.</summary>
    public static bool AreUsed => Volatile.Read(ref s_drives).Length > 0;

    /// <summary>Names a directory. Task context.</summary>
    /// <param name="drive">0 to 9.</param>
    /// <param name="directory">An absolute POSIX path; it need not exist yet. Null: there is no such drive any more.</param>
    [MightSleep]
    public static void Set(int drive, string? directory)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)drive, (uint)Maximum, nameof(drive));
        byte[]? path = directory is null ? null : Encoding.UTF8.GetBytes(directory.TrimEnd('/'));
        using (s_lock.Enter())
        {
            byte[]?[] drives = new byte[]?[Maximum];
            s_drives.CopyTo(drives, 0);
            drives[drive] = path;
            Volatile.Write(ref s_drives, Array.TrueForAll(drives, one => one is null) ? [] : drives);
        }
    }

    /// <summary>The directory of a drive; null for none such. Any context.</summary>
    public static string? Get(int drive)
    {
        byte[]?[] drives = Volatile.Read(ref s_drives);
        return (uint)drive < (uint)drives.Length && drives[drive] is { } path ? path.Length == 0 ? "/" : Encoding.UTF8.GetString(path) : null;
    }

    /// <summary>Makes a POSIX path of one with a drive. Any context.</summary>
    /// <param name="path">Any path.</param>
    /// <param name="buffer"><see cref="PathLimits.PathMaximum"/> bytes.</param>
    /// <param name="translated">The path to use: the given one if it names no drive.</param>
    /// <returns>ENAMETOOLONG; ENOENT: there is no such drive.</returns>
    public static Errno Translate(ReadOnlySpan<byte> path, Span<byte> buffer, out ReadOnlySpan<byte> translated)
    {
        translated = path;
        byte[]?[] drives = Volatile.Read(ref s_drives);
        if (drives.Length == 0)
        {
            return Errno.Ok;
        }

        int start = FindDrive(path);
        if (start < 0)
        {
            return Errno.Ok;
        }

        if (drives[path[start] - (byte)'0'] is not { } directory)
        {
            return Errno.ENOENT;
        }

        ReadOnlySpan<byte> rest = path[(start + 2)..];
        int length = directory.Length + 1 + rest.Length;
        if (length >= PathLimits.PathMaximum)
        {
            return Errno.ENAMETOOLONG;
        }

        directory.CopyTo(buffer);
        buffer[directory.Length] = (byte)'/';
        Span<byte> tail = buffer.Slice(directory.Length + 1, rest.Length);
        rest.CopyTo(tail);
        tail.Replace((byte)'\\', (byte)'/');
        translated = buffer[..length];
        return Errno.Ok;
    }

    // The last component that begins with a drive: Path.Combine of two such paths gives the second.
    private static int FindDrive(ReadOnlySpan<byte> path)
    {
        for (int i = path.Length - 2; i >= 0; i--)
        {
            bool begins = i == 0 || path[i - 1] is (byte)'/' or (byte)'\\';
            if (begins && path[i + 1] == (byte)':' && char.IsAsciiDigit((char)path[i]) && (i + 2 == path.Length || path[i + 2] is (byte)'/' or (byte)'\\'))
            {
                return i;
            }
        }

        return -1;
    }
}
