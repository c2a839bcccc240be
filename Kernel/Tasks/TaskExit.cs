namespace CosmosKernel.Tasks;

/// <summary>How a task ended.</summary>
public enum TaskExitReason
{
    /// <summary>It has not ended.</summary>
    None,

    /// <summary>Its body returned or it called exit.</summary>
    Exited,

    /// <summary>It was killed.</summary>
    Killed,

    /// <summary>An exception left its body.</summary>
    Faulted,
}

/// <summary>Exit status of a task.</summary>
/// <param name="Reason">How it ended.</param>
/// <param name="Code">0 for success; the body's result; 137 when killed, 134 when faulted (what a shell shows for SIGKILL and SIGABRT).</param>
public readonly record struct TaskExit(TaskExitReason Reason, int Code)
{
    /// <summary>The code of a task that was killed.</summary>
    public const int KilledCode = 128 + 9;

    /// <summary>The code of a task that an exception ended.</summary>
    public const int FaultedCode = 128 + 6;
}
