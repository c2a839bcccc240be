using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tasks;

/// <summary>Releases tasks that nobody joins. A task of its own, since a stack can only be freed from another one, and freeing may sleep.</summary>
internal static class Reaper
{
    private static IrqSpinLock s_lock;

    [GuardedBy(nameof(s_lock))]
    private static TaskStruct? s_first;

    private static Semaphore s_pending = null!;

    /// <summary>Starts the reaper's task. Once, at boot.</summary>
    public static void Start()
    {
        s_pending = new Semaphore("reap", 0);
        KernelTask.Start(new TaskOptions { Name = "reaper", Priority = TaskPriority.FirstNice, Detached = true }, Run);
    }

    /// <summary>Hands over a task that has ended, or is about to end with interrupts off. Any context but NMI.</summary>
    [NoAllocation]
    public static void Add(TaskStruct task)
    {
        using (s_lock.Enter())
        {
            task.NextToReap = s_first;
            s_first = task;
        }

        s_pending.Release();
    }

    /// <summary>Releases stack, pid and table entry of a task that has ended. Who calls this has claimed the task. Task context.</summary>
    [MightSleep]
    public static void Release(TaskStruct task)
    {
        task.WaitUntilOffCpu();
        TaskTree.Remove(task);
        TaskTable.Remove(task);
        using (task.WakeLock.Enter())
        {
            task.Transition(TaskState.Dead);
        }

        task.Thread.Release();
    }

    private static void Run()
    {
        while (true)
        {
            s_pending.Wait(Scheduler.Never, interruptible: false);
            TaskStruct? task;
            using (s_lock.Enter())
            {
                task = s_first;
                s_first = task?.NextToReap;
            }

            if (task is not null)
            {
                task.NextToReap = null;
                Release(task);
            }
        }
    }
}
