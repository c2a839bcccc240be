using System;

namespace CosmosKernel.Abi;

/// <summary>Flags of mount(2).</summary>
[Flags]
public enum MountFlags : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>MS_RDONLY.</summary>
    ReadOnly = 1,

    /// <summary>MS_NOSUID: set-id bits mean nothing.</summary>
    NoSetId = 2,

    /// <summary>MS_NODEV: device nodes cannot be opened.</summary>
    NoDevices = 4,

    /// <summary>MS_NOEXEC: programs cannot be run.</summary>
    NoExec = 8,

    /// <summary>MS_SYNCHRONOUS.</summary>
    Synchronous = 16,

    /// <summary>MS_REMOUNT.</summary>
    Remount = 32,

    /// <summary>MS_DIRSYNC.</summary>
    DirectorySync = 128,

    /// <summary>MS_NOSYMFOLLOW: symbolic links are not followed.</summary>
    NoSymbolicLinks = 256,

    /// <summary>MS_NOATIME.</summary>
    NoAccessTime = 1024,

    /// <summary>MS_NODIRATIME.</summary>
    NoDirectoryAccessTime = 2048,

    /// <summary>MS_BIND.</summary>
    Bind = 4096,

    /// <summary>MS_MOVE.</summary>
    Move = 8192,

    /// <summary>MS_REC.</summary>
    Recursive = 16384,

    /// <summary>MS_SILENT.</summary>
    Silent = 32768,

    /// <summary>MS_UNBINDABLE.</summary>
    Unbindable = 1 << 17,

    /// <summary>MS_PRIVATE.</summary>
    Private = 1 << 18,

    /// <summary>MS_SLAVE.</summary>
    Slave = 1 << 19,

    /// <summary>MS_SHARED.</summary>
    Shared = 1 << 20,

    /// <summary>MS_RELATIME: the way that times of access are kept.</summary>
    RelativeAccessTime = 1 << 21,

    /// <summary>MS_STRICTATIME.</summary>
    StrictAccessTime = 1 << 24,

    /// <summary>MS_LAZYTIME.</summary>
    LazyTime = 1 << 25,
}
