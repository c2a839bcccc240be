using System;
using System.Globalization;
using System.IO;
using CosmosKernel.Files.Managed;

namespace Cosmos.System.FileSystem;

/// <summary>Paths of Cosmos: a drive's number, a colon, and names between backslashes, which may be slashes.</summary>
internal static class DrivePath
{
    private const char Separator = '\\';

    /// <summary>The number of the drive that a path or <c>0</c>, <c>0:</c>, <c>0:\</c> names; -1 when it names none that there is.</summary>
    public static int DriveOf(string path)
    {
        int colon = path.IndexOf(':', StringComparison.Ordinal);
        string number = colon < 0 ? path : path[..colon];
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int drive) && drive < DrivePaths.Maximum && DrivePaths.Get(drive) is not null ? drive : -1;
    }

    /// <summary>The top of a drive.</summary>
    public static string RootOf(int drive) => string.Create(CultureInfo.InvariantCulture, $"{drive}:{Separator}");

    /// <summary>A path in its one form: the drive, backslashes, no <c>.</c> or <c>..</c>, none at the end but behind a drive.</summary>
    /// <exception cref="ArgumentException">It does not begin with a drive that there is.</exception>
    public static string Normalize(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        int drive = path.Contains(':', StringComparison.Ordinal) ? DriveOf(path) : -1;
        if (drive < 0)
        {
            throw new ArgumentException($"'{path}' does not begin with a drive that there is, such as 0:\\", nameof(path));
        }

        string result = RootOf(drive);
        foreach (string name in path[(path.IndexOf(':', StringComparison.Ordinal) + 1)..].Split('\\', '/'))
        {
            result = name switch
            {
                "" or "." => result,
                ".." => ParentOf(result) ?? result,
                _ => Join(result, name),
            };
        }

        return result;
    }

    /// <summary>A name in a directory. Both in their one form.</summary>
    public static string Join(string directory, string name) => directory[^1] == Separator ? directory + name : directory + Separator + name;

    /// <summary>The directory of a path in its one form; null for the top of a drive.</summary>
    public static string? ParentOf(string path)
    {
        int colon = path.IndexOf(':', StringComparison.Ordinal);
        int last = path.LastIndexOf(Separator);
        return last == path.Length - 1 ? null : last == colon + 1 ? path[..(last + 1)] : path[..last];
    }

    /// <summary>The last name of a path in its one form; that of a drive is the path.</summary>
    public static string NameOf(string path) => path[^1] == Separator ? path : path[(path.LastIndexOf(Separator) + 1)..];

    /// <summary>The path as the kernel has it.</summary>
    public static string NativeOf(string path)
    {
        string top = DrivePaths.Get(DriveOf(path)) ?? throw new DriveNotFoundException($"there is no drive for '{path}'");
        return Path.Combine(top, path[(path.IndexOf(':', StringComparison.Ordinal) + 2)..].Replace('\\', '/'));
    }
}
