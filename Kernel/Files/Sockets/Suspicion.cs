namespace CosmosKernel.Files.Sockets;

/// <summary>What a search of <see cref="FilesInFlight"/> thinks of a socket.</summary>
internal enum Suspicion
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Only messages refer to it.</summary>
    Suspect = 1,

    /// <summary>One of those messages can be received.</summary>
    Reached = 2,
}
