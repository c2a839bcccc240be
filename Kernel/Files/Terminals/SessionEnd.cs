namespace CosmosKernel.Files.Terminals;

/// <summary>Who is told of a hang-up.</summary>
internal enum SessionEnd
{
    /// <summary>The session's leader, which tells its jobs.</summary>
    LeaderOnly,

    /// <summary>The foreground group: the leader itself has ended.</summary>
    WithGroup,
}
