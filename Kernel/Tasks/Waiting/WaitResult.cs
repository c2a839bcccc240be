namespace CosmosKernel.Tasks.Waiting;

/// <summary>How a wait ended.</summary>
public enum WaitResult
{
    /// <summary>What was waited for has come.</summary>
    Woken,

    /// <summary>The deadline passed before.</summary>
    TimedOut,

    /// <summary>The task was killed or interrupted before; only interruptible waits end so.</summary>
    Interrupted,
}
