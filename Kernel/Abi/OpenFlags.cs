using System;

namespace CosmosKernel.Abi;

/// <summary>Flags of open(2), openat2(2) and F_SETFL on x86-64.</summary>
[Flags]
public enum OpenFlags
{
    /// <summary>O_RDONLY: only reading.</summary>
    ReadOnly = 0,

    /// <summary>O_WRONLY: only writing.</summary>
    WriteOnly = 1,

    /// <summary>O_RDWR: reading and writing.</summary>
    ReadWrite = 2,

    /// <summary>O_ACCMODE: the bits of the access mode. 3 means neither reading nor writing, only ioctl.</summary>
    AccessMode = 3,

    /// <summary>O_CREAT.</summary>
    Create = 0x40,

    /// <summary>O_EXCL.</summary>
    Exclusive = 0x80,

    /// <summary>O_NOCTTY: a terminal does not become the controlling one.</summary>
    NoControllingTerminal = 0x100,

    /// <summary>O_TRUNC.</summary>
    Truncate = 0x200,

    /// <summary>O_APPEND.</summary>
    Append = 0x400,

    /// <summary>O_NONBLOCK.</summary>
    NonBlocking = 0x800,

    /// <summary>O_DSYNC.</summary>
    DataSync = 0x1000,

    /// <summary>O_ASYNC: SIGIO.</summary>
    Async = 0x2000,

    /// <summary>O_DIRECT; a pipe made with it keeps packets apart.</summary>
    Direct = 0x4000,

    /// <summary>O_LARGEFILE: always in effect.</summary>
    LargeFile = 0x8000,

    /// <summary>O_DIRECTORY.</summary>
    Directory = 0x10000,

    /// <summary>O_NOFOLLOW.</summary>
    NoFollow = 0x20000,

    /// <summary>O_NOATIME.</summary>
    NoAccessTime = 0x40000,

    /// <summary>O_CLOEXEC: a flag of the descriptor, not of the file.</summary>
    CloseOnExec = 0x80000,

    /// <summary>The bit that O_SYNC adds to O_DSYNC.</summary>
    SyncBit = 0x100000,

    /// <summary>O_SYNC.</summary>
    Sync = SyncBit | DataSync,

    /// <summary>O_PATH: only a place in the tree.</summary>
    Path = 0x200000,

    /// <summary>The bit that O_TMPFILE adds to O_DIRECTORY.</summary>
    TemporaryBit = 0x400000,

    /// <summary>O_TMPFILE: a file without a name.</summary>
    Temporary = TemporaryBit | Directory,
}
