using System;

namespace CosmosKernel.Memory.User;

/// <summary>What user mode may do with a page.</summary>
[Flags]
public enum UserRights
{
    /// <summary>Nothing: the page is kept, but each access faults (PROT_NONE).</summary>
    None = 0,

    /// <summary>Read. On this architecture what may be written or executed may be read too.</summary>
    Read = 1,

    /// <summary>Write.</summary>
    Write = 2,

    /// <summary>Execute.</summary>
    Execute = 4,
}
