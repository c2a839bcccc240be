namespace CosmosKernel.Tasks.Waiting;

/// <summary>How a wait ended.</summary>
public enum WaitResult
{
    /// <summary>What was waited for has come.</summary>
    Woken,

    /// <summary>The deadline passed before.</summary>
    TimedOut,

    /// <summary>The task was killed or interrupted before; only killable and interruptible waits end so.</summary>
    Interrupted,

    /// <summary>The wait would never have ended: who is waited for waits for the task itself. Only locks that know who waits for whom say so.</summary>
    Deadlock,
}
