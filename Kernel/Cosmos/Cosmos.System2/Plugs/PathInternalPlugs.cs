using System;
using IL2CPU.API.Attribs;

namespace Cosmos.System.Plugs;

/// <summary>What <see cref="global::System.IO.Path"/> and the rest of <c>System.IO</c> rest on, for paths with drives.</summary>
[Plug("System.IO.PathInternal, System.Private.CoreLib")]
internal static class PathInternalPlugs
{
    /// <summary>Whether a character is between names.</summary>
    public static bool IsDirectorySeparator(char c) => DriveSyntax.IsSeparator(c);

    /// <summary>Characters of a path before its first name.</summary>
    public static int GetRootLength(ReadOnlySpan<char> path) => DriveSyntax.RootLength(path);
}
