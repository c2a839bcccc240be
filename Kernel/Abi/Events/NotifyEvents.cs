using System;

namespace CosmosKernel.Abi;

/// <summary>What happens to files and directories, as inotify(7) tells it, and the flags of its watches.</summary>
[Flags]
public enum NotifyEvents : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>IN_ACCESS: it was read, or its entries were.</summary>
    Access = 1,

    /// <summary>IN_MODIFY: its content or size was changed.</summary>
    Modify = 2,

    /// <summary>IN_ATTRIB: permissions, owner, times or the number of names were changed.</summary>
    Attributes = 4,

    /// <summary>IN_CLOSE_WRITE: it was closed, having been open for writing.</summary>
    CloseWrite = 8,

    /// <summary>IN_CLOSE_NOWRITE: it was closed, not having been open for writing.</summary>
    CloseNoWrite = 0x10,

    /// <summary>IN_OPEN: it was opened.</summary>
    Open = 0x20,

    /// <summary>IN_MOVED_FROM: a name went away from the directory by a rename.</summary>
    MovedFrom = 0x40,

    /// <summary>IN_MOVED_TO: a name came to the directory by a rename.</summary>
    MovedTo = 0x80,

    /// <summary>IN_CREATE: something was made in the directory.</summary>
    Create = 0x100,

    /// <summary>IN_DELETE: something was removed from the directory.</summary>
    Delete = 0x200,

    /// <summary>IN_DELETE_SELF: it is gone: no name, not open.</summary>
    DeleteSelf = 0x400,

    /// <summary>IN_MOVE_SELF: it has another name.</summary>
    MoveSelf = 0x800,

    /// <summary>IN_ALL_EVENTS: all that a watch can ask for.</summary>
    All = 0xFFF,

    /// <summary>IN_UNMOUNT: its file system was unmounted.</summary>
    Unmount = 0x2000,

    /// <summary>IN_Q_OVERFLOW: events were lost.</summary>
    QueueOverflow = 0x4000,

    /// <summary>IN_IGNORED: the watch is gone.</summary>
    Ignored = 0x8000,

    /// <summary>Inside the kernel, and never shown: a name was changed, told to the directories of both names (DN_RENAME of fcntl(2)).</summary>
    Rename = 0x0010_0000,

    /// <summary>IN_ONLYDIR: watch it only if it is a directory.</summary>
    OnlyDirectory = 0x0100_0000,

    /// <summary>IN_DONT_FOLLOW: watch a symbolic link itself.</summary>
    DontFollow = 0x0200_0000,

    /// <summary>IN_EXCL_UNLINK: no events of files that are open and have lost their name.</summary>
    ExcludeUnlinked = 0x0400_0000,

    /// <summary>IN_MASK_CREATE: only if there is no watch yet.</summary>
    MaskCreate = 0x1000_0000,

    /// <summary>IN_MASK_ADD: adds to the events of an existing watch.</summary>
    MaskAdd = 0x2000_0000,

    /// <summary>IN_ISDIR: what it happened to is a directory.</summary>
    IsDirectory = 0x4000_0000,

    /// <summary>IN_ONESHOT: the watch goes with its first event.</summary>
    OneShot = 0x8000_0000,
}
