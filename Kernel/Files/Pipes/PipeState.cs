using System;

namespace CosmosKernel.Files.Pipes;

/// <summary>What can be done with a pipe now.</summary>
[Flags]
internal enum PipeState
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>There is something to read.</summary>
    HasData = 1,

    /// <summary>Something can be written.</summary>
    HasRoom = 2,

    /// <summary>An end for reading is open.</summary>
    HasReader = 4,

    /// <summary>An end for writing is open.</summary>
    HasWriter = 8,
}
