using System;

namespace CosmosKernel.Files.Naming;

/// <summary>How a path is resolved (path_resolution(7), openat2(2)).</summary>
[Flags]
public enum ResolveFlags
{
    /// <summary>Links at the end are not followed.</summary>
    None = 0,

    /// <summary>A symbolic link at the end is followed.</summary>
    Follow = 1,

    /// <summary>The empty path is the starting point itself (AT_EMPTY_PATH).</summary>
    AllowEmpty = 2,

    /// <summary>What is found must be a directory: ENOTDIR.</summary>
    Directory = 4,

    /// <summary>RESOLVE_NO_XDEV: no mount may be crossed: EXDEV.</summary>
    NoCrossing = 0x10,

    /// <summary>RESOLVE_NO_MAGICLINKS: links as in /proc/PID/fd are not followed: ELOOP.</summary>
    NoMagicLinks = 0x20,

    /// <summary>RESOLVE_NO_SYMLINKS: no symbolic link is followed: ELOOP.</summary>
    NoSymbolicLinks = 0x40,

    /// <summary>RESOLVE_BENEATH: the path may not leave the starting directory: EXDEV.</summary>
    Beneath = 0x80,

    /// <summary>RESOLVE_IN_ROOT: the starting directory is the root.</summary>
    InRoot = 0x100,

    /// <summary>RESOLVE_CACHED: only what the cache knows: EAGAIN.</summary>
    Cached = 0x200,
}
