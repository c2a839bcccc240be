using System;

namespace Cosmos.System.Plugs;

/// <summary>What <c>System.IO.Path</c> has to know of paths with drives: both separators, and that a path may begin with a drive's number. Any context.</summary>
internal static class DriveSyntax
{
    private const int DriveLength = 2;

    /// <summary>Whether a character is between names.</summary>
    public static bool IsSeparator(char c) => c is '/' or '\\';

    /// <summary>Characters of a path before its first name: of <c>0:\a</c> three, of <c>0:</c> two, of <c>/a</c> one, of <c>a</c> none.</summary>
    public static int RootLength(ReadOnlySpan<char> path) =>
        !HasDrive(path) ? (path.Length > 0 && IsSeparator(path[0]) ? 1 : 0) : path.Length > DriveLength ? DriveLength + 1 : DriveLength;

    /// <summary>The separator to put behind a path: that of drives if it begins with one.</summary>
    public static string SeparatorAfter(ReadOnlySpan<char> path) => HasDrive(path) ? "\\" : "/";

    /// <summary>Two parts of a path, with one separator between them. Neither is empty.</summary>
    public static string Join(ReadOnlySpan<char> first, ReadOnlySpan<char> second) =>
        IsSeparator(first[^1]) || IsSeparator(second[0]) ? string.Concat(first, second) : string.Concat(first, SeparatorAfter(first), second);

    /// <summary>A rooted path without empty names, <c>.</c> and <c>..</c>; with the separator of its kind, if it begins with a drive.</summary>
    public static string Collapse(string path)
    {
        int root = RootLength(path);
        string result = HasDrive(path) ? string.Concat(path.AsSpan(0, DriveLength), "\\") : path[..root];
        int rootLength = result.Length;
        bool endsOpen = path.Length > root && IsSeparator(path[^1]);
        foreach (string name in HasDrive(path) ? path[root..].Split('\\', '/') : path[root..].Split('/'))
        {
            if (name == "..")
            {
                int last = Math.Max(result.LastIndexOfAny(['\\', '/']), rootLength);
                result = result[..Math.Min(last, result.Length)];
            }
            else if (name.Length > 0 && name != ".")
            {
                result = result.Length == rootLength ? result + name : Join(result, name);
            }
        }

        return endsOpen && result.Length > rootLength ? result + SeparatorAfter(result) : result;
    }

    // A digit and a colon, at the end or before a separator.
    private static bool HasDrive(ReadOnlySpan<char> path) =>
        path.Length >= DriveLength && char.IsAsciiDigit(path[0]) && path[1] == ':' && (path.Length == DriveLength || IsSeparator(path[DriveLength]));
}
