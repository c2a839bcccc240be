using System;

namespace CosmosKernel.Abi;

/// <summary>What F_NOTIFY of fcntl(2) can ask for: DN_*.</summary>
[Flags]
public enum DirectoryChanges : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>DN_ACCESS: a file in it was read.</summary>
    Access = 1,

    /// <summary>DN_MODIFY: a file in it was changed.</summary>
    Modify = 2,

    /// <summary>DN_CREATE: something was made in it, or moved to it.</summary>
    Create = 4,

    /// <summary>DN_DELETE: something was removed from it, or moved away.</summary>
    Delete = 8,

    /// <summary>DN_RENAME: something in it got another name.</summary>
    Rename = 0x10,

    /// <summary>DN_ATTRIB: attributes of something in it were changed.</summary>
    Attributes = 0x20,

    /// <summary>DN_MULTISHOT: more than one signal.</summary>
    Lasting = 0x8000_0000,
}
