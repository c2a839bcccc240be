using System.Threading;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks.Runtime;

/// <summary>.NET's five thread priorities as nice values. Two levels are five apart: about a factor of three in CPU time under the fair policy.</summary>
internal static class ManagedPriority
{
    private const int Step = 5;

    /// <summary>The nice value of a level: 10, 5, 0, -5, -10 from <see cref="ThreadPriority.Lowest"/> up.</summary>
    public static int ToNice(ThreadPriority priority) => ((int)ThreadPriority.Normal - (int)priority) * Step;

    /// <summary>The level nearest to what the task asked for; <see cref="ThreadPriority.Highest"/> where nice values do not count.</summary>
    public static ThreadPriority Of(TaskStruct task)
    {
        SchedulingParameters scheduling = task.GetScheduling();
        return !scheduling.Policy.IsFair() ? ThreadPriority.Highest : scheduling.Nice switch
        {
            < -7 => ThreadPriority.Highest,
            < -2 => ThreadPriority.AboveNormal,
            <= 2 => ThreadPriority.Normal,
            <= 7 => ThreadPriority.BelowNormal,
            _ => ThreadPriority.Lowest,
        };
    }
}
