using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks.Time;

/// <summary>Wakes its task at the end of a timed sleep. Each task has one.</summary>
internal sealed class SleepTimer(TaskStruct task) : KernelTimer
{
    /// <inheritdoc/>
    [InterruptContext]
    protected override void OnExpired(ulong now) => WakeUp.Try(task, WakeUp.AnySleep);
}
