namespace CosmosKernel.Processes.Seccomp;

/// <summary>How far a <see cref="SeccompNotification"/> is.</summary>
internal enum SeccompNotificationState
{
    /// <summary>Nobody has read it.</summary>
    Waiting,

    /// <summary>Somebody has read it and owes an answer.</summary>
    Received,

    /// <summary>There is an answer.</summary>
    Answered,
}
