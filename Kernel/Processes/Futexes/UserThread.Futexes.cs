using CosmosKernel.Processes.Futexes;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Processes;

// What the thread has for its waits.
public sealed partial class UserThread
{
    /// <summary>When the wait ends that the thread is in. For the thread itself.</summary>
    public SleepDeadline Deadline { get; } = new();

    /// <summary>Its side of futexes.</summary>
    public FutexThread Futex { get; }
}
