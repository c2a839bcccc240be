using System.Collections.Generic;
using CosmosKernel.Modules.Commands;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Console.Commands;

/// <summary>What the commands share that are about tasks.</summary>
internal static class TaskList
{
    /// <summary>All tasks in the order of their pids, with CPU times up to now.</summary>
    /// <param name="idle">The idle tasks before them.</param>
    public static List<TaskStruct> All(bool idle)
    {
        List<TaskStruct> tasks = [];
        for (int cpu = 0; RunQueues.Get(cpu) is { } queue; cpu++)
        {
            queue.UpdateAccounting();
            if (idle)
            {
                tasks.Add(queue.Idle);
            }
        }

        for (TaskStruct? task = TaskTable.Next(0); task is not null; task = TaskTable.Next(task.Pid))
        {
            tasks.Add(task);
        }

        return tasks;
    }

    /// <summary>What a task is doing, in a word.</summary>
    public static string State(TaskStruct task) => task.State switch
    {
        TaskState.New => "new",
        TaskState.Runnable => task.IsOnCpu ? "running" : "ready",
        TaskState.Interruptible => "sleeping",
        TaskState.Uninterruptible or TaskState.Killable => "blocked",
        TaskState.Zombie => "ended",
        _ => "gone",
    };

    /// <summary>Policy and priority as people know them: <c>other 5</c> with a nice value, <c>fifo 50</c> with a real-time priority; <c>*</c> behind it when the task runs with more, because it was lent.</summary>
    public static string Policy(TaskStruct task)
    {
        SchedulingParameters parameters = task.GetScheduling();
        string name = parameters.Class?.Name ?? parameters.Policy.Name();
        string lent = task.Priority < parameters.Priority ? "*" : "";
        return parameters.Policy switch
        {
            SchedulingPolicy.Fifo or SchedulingPolicy.RoundRobin => $"{name} {parameters.RealTimePriority}{lent}",
            SchedulingPolicy.Normal or SchedulingPolicy.Batch or SchedulingPolicy.Idle => $"{name} {parameters.Nice}{lent}",
            SchedulingPolicy.Module => $"{name} {parameters.Share}{lent}",
            _ => name + lent,
        };
    }

    /// <summary>The task with the pid that was typed.</summary>
    /// <exception cref="CommandUsageException">It is no number.</exception>
    /// <exception cref="CommandFailedException">There is no such task.</exception>
    public static TaskStruct Find(string text)
    {
        int pid = CommandContext.ParseNumber("pid", text, 1, TaskTable.Maximum);
        return TaskTable.Find(pid) ?? throw new CommandFailedException($"there is no task {pid}");
    }

    /// <summary>The task with the pid, or all tasks with the name, that was typed.</summary>
    /// <exception cref="CommandFailedException">There is none.</exception>
    public static List<TaskStruct> FindAll(string pidOrName)
    {
        if (int.TryParse(pidOrName, out _))
        {
            return [Find(pidOrName)];
        }

        List<TaskStruct> found = All(idle: false).FindAll(task => task.Name == pidOrName && task.State < TaskState.Zombie);
        return found.Count > 0 ? found : throw new CommandFailedException($"there is no task '{pidOrName}'");
    }

    /// <summary>All names, for completion.</summary>
    public static IEnumerable<string> Names()
    {
        for (TaskStruct? task = TaskTable.Next(0); task is not null; task = TaskTable.Next(task.Pid))
        {
            yield return task.Name;
        }
    }

    /// <summary>All pids, for completion.</summary>
    public static IEnumerable<string> Pids()
    {
        for (TaskStruct? task = TaskTable.Next(0); task is not null; task = TaskTable.Next(task.Pid))
        {
            yield return task.Pid.ToString();
        }
    }
}
