using System;
using System.Collections.Generic;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;

namespace CosmosKernel.Tests.Locks;

/// <summary>Where tasks are put into an interleaving: by what they are seen to wait for, never by time.</summary>
internal static class Stage
{
    /// <summary>More urgent than all that is started on the stage: what it directs runs only while it sleeps.</summary>
    public const int Director = 2;

    private const ulong Glance = 20_000;

    /// <summary>Runs a test on the first CPU, as its most urgent task, so that the tasks that it starts there run only while it sleeps, the most urgent first.</summary>
    public static void OnOneCpu(Action body) => TestTasks.Run(1, _ => Pinned("director", Director), _ => body());

    /// <summary>Options of a task that stays on the first CPU.</summary>
    public static TaskOptions Pinned(string name, int priority = TaskPriority.Default) => new() { Name = name, Priority = priority, Affinity = CpuSet.Of(0) };

    /// <summary>Starts a task on the first CPU.</summary>
    public static TaskStruct Start(string name, int priority, Action body) => KernelTask.Start(Pinned(name, priority), body);

    /// <summary>Waits until something is so.</summary>
    public static void Until(Func<bool> condition)
    {
        while (!condition())
        {
            KernelTask.Sleep(Glance);
        }
    }

    /// <summary>Waits until a task sleeps on what has this name, and has left its CPU.</summary>
    public static void UntilAsleep(TaskStruct task, string channel) => Until(() => IsAsleep(task, channel));

    /// <summary>It sleeps on what has this name.</summary>
    public static bool IsAsleep(TaskStruct task, string channel) =>
        task.State is TaskState.Interruptible or TaskState.Killable or TaskState.Uninterruptible && !task.IsOnCpu && task.WaitChannel == channel;

    /// <summary>Joins all; each must have ended by returning.</summary>
    public static void Join(IEnumerable<TaskStruct> tasks)
    {
        foreach (TaskStruct task in tasks)
        {
            Check.Equal(TaskExitReason.Exited, task.Join().Reason, task.Name);
        }
    }
}
