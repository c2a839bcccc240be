using System;

namespace CosmosKernel.Files.Tmpfs;

/// <summary>What will never be done to a memory file again (fcntl(2), F_ADD_SEALS).</summary>
[Flags]
public enum FileSeals
{
    /// <summary>Nothing is sealed.</summary>
    None = 0,

    /// <summary>F_SEAL_SEAL: no more seals.</summary>
    Seal = 1,

    /// <summary>F_SEAL_SHRINK.</summary>
    Shrink = 2,

    /// <summary>F_SEAL_GROW.</summary>
    Grow = 4,

    /// <summary>F_SEAL_WRITE.</summary>
    Write = 8,

    /// <summary>F_SEAL_FUTURE_WRITE: mappings that exist may still write.</summary>
    FutureWrite = 16,

    /// <summary>All that there are.</summary>
    All = Seal | Shrink | Grow | Write | FutureWrite,
}
