using System;
using System.IO;
using IL2CPU.API.Attribs;

namespace Cosmos.System.Plugs;

/// <summary>In an image with a Cosmos kernel <see cref="Path"/> knows paths with drives, so that <c>System.IO</c> gives them back as the kernel wrote them. Paths without a drive stay POSIX's.</summary>
[Plug(typeof(Path))]
internal static class PathPlugs
{
    /// <summary>The last name of a path.</summary>
    public static ReadOnlySpan<char> GetFileName(ReadOnlySpan<char> path)
    {
        int last = path.LastIndexOfAny('/', '\\');
        int start = Math.Max(DriveSyntax.RootLength(path), last + 1);
        return path[start..];
    }

    /// <summary>Whether a path needs no working directory.</summary>
    public static bool IsPathRooted(ReadOnlySpan<char> path) => DriveSyntax.RootLength(path) > 0;

    /// <summary>The drive, or the root.</summary>
    public static ReadOnlySpan<char> GetPathRoot(ReadOnlySpan<char> path) => path[..DriveSyntax.RootLength(path)];

    /// <summary>The drive, or the root; null of nothing.</summary>
    public static string? GetPathRoot(string? path) => string.IsNullOrEmpty(path) ? null : path[..DriveSyntax.RootLength(path)];

    /// <summary>The path from its root on.</summary>
    public static string GetFullPath(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Length == 0)
        {
            throw new ArgumentException("The path is empty.", nameof(path));
        }

        if (path.Contains('\0'))
        {
            throw new ArgumentException("Null character in path.", nameof(path));
        }

        return DriveSyntax.Collapse(DriveSyntax.RootLength(path) > 0 ? path : DriveSyntax.Join(Environment.CurrentDirectory, path));
    }

    /// <summary>Puts parts together.</summary>
    public static string JoinInternal(ReadOnlySpan<char> first, ReadOnlySpan<char> second) => DriveSyntax.Join(first, second);

    /// <summary>Puts parts together.</summary>
    public static string JoinInternal(ReadOnlySpan<char> first, ReadOnlySpan<char> second, ReadOnlySpan<char> third) => DriveSyntax.Join(DriveSyntax.Join(first, second), third);

    /// <summary>Puts parts together.</summary>
    public static string JoinInternal(ReadOnlySpan<char> first, ReadOnlySpan<char> second, ReadOnlySpan<char> third, ReadOnlySpan<char> fourth) =>
        DriveSyntax.Join(DriveSyntax.Join(DriveSyntax.Join(first, second), third), fourth);
}
