namespace CosmosKernel.Files.Users;

/// <summary>Who gets a file's signals, and who said so: he must be allowed to signal the owner (F_SETOWN of fcntl(2)).</summary>
/// <param name="Kind">What the owner is.</param>
/// <param name="Id">Its id when it was set.</param>
/// <param name="Target">The thread, process or group itself, so that a later one with the same id gets nothing; null for nobody.</param>
/// <param name="UserId">Real user id of who set it.</param>
/// <param name="EffectiveUserId">Effective user id of who set it.</param>
public sealed record FileOwner(FileOwnerKind Kind, int Id, object? Target, uint UserId, uint EffectiveUserId)
{
    /// <summary>Nobody.</summary>
    public static FileOwner None { get; } = new(FileOwnerKind.Process, 0, null, 0, 0);
}
