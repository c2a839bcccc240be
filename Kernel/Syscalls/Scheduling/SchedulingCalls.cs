using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Syscalls.Scheduling;

/// <summary>System calls about how threads are scheduled.</summary>
internal static class SchedulingCalls
{
    /// <summary>Adds them. At boot.</summary>
    [BeforePublication]
    public static void Register(SystemCallTable table)
    {
        table.Add(new Yield());
        table.Add(new SetScheduler());
        table.Add(new GetScheduler());
        table.Add(new SetParameters());
        table.Add(new GetParameters());
        table.Add(new SetAttributes());
        table.Add(new GetAttributes());
        table.Add(new GetHighestPriority());
        table.Add(new GetLowestPriority());
        table.Add(new GetRoundRobinInterval());
        table.Add(new SetAffinity());
        table.Add(new GetAffinity());
        table.Add(new GetPriority());
        table.Add(new SetPriority());
        table.Add(new GetIoPriority());
        table.Add(new SetIoPriority());
        table.Add(new GetCpu());
    }
}
