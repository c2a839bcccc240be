using System;

namespace CosmosKernel.Tasks;

/// <summary>
/// Thrown in a task that was asked to end, at its next interruptible sleep or check. Let it pass: the task then ends as killed.
/// </summary>
public sealed class TaskKilledException : Exception
{
    /// <summary>Makes the exception.</summary>
    public TaskKilledException()
        : base("The task was killed.")
    {
    }
}
