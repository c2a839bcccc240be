namespace CosmosKernel.Files.Users;

/// <summary>Who gets a file's signals (F_SETOWN_EX of fcntl(2)); the numbers are those of F_OWNER_*.</summary>
public enum FileOwnerKind
{
    /// <summary>One thread.</summary>
    Thread = 0,

    /// <summary>A process.</summary>
    Process = 1,

    /// <summary>All processes of a group.</summary>
    Group = 2,
}
