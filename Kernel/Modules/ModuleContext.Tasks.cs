using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Deferred.Work;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Modules;

/// <content>What runs in the name of a module: tasks, timers, deferred work, scheduling classes.</content>
public sealed partial class ModuleContext
{
    /// <summary>Starts a task that belongs to the module: it is killed and joined when the module stops. An exception that leaves its body ends it, and is reported with the module's name.</summary>
    /// <exception cref="OutOfMemoryException">There is no memory for its stack.</exception>
    [MightSleep]
    public TaskStruct StartTask(string name, Action body) => StartTask(new TaskOptions { Name = name }, body);

    /// <summary>As <see cref="StartTask(string, Action)"/>, with a priority, a scheduling class, CPUs or a stack of its own.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory for its stack.</exception>
    [MightSleep]
    public TaskStruct StartTask(TaskOptions options, Action body)
    {
        // A copy: a constant of the module would keep its memory for as long as anybody keeps the task, which may be over long ago.
        TaskStruct task = KernelTask.Create(options with { Name = new string(options.Name.AsSpan()) }, () =>
        {
            body();
            return 0;
        });
        if (!TryOwn(new OwnedThing(task, () => End(task))))
        {
            KernelTask.Abandon(task);
            throw Stopped();
        }

        KernelTask.Start(task);
        return task;
    }

    /// <summary>Makes the module the owner of a timer: when the module stops, it is cancelled, and runs on no CPU any more. Started and stopped by the timer's own members.</summary>
    [MightSleep]
    public T Add<T>(T timer)
        where T : KernelTimer
    {
        Own(new OwnedThing(timer, () => timer.CancelAndWait()));
        return timer;
    }

    /// <summary>
    /// Makes the module the owner of a work item: when the module stops, it is taken out of its queue, and an execution that goes on is waited for. For items of queues that are not the module's; those of
    /// <see cref="CreateWorkQueue"/> end with their queue, but one that queues itself again needs this too.
    /// </summary>
    [MightSleep]
    public T AddWork<T>(T item)
        where T : WorkItem
    {
        Own(new OwnedThing(item, () => item.CancelAndWait()));
        return item;
    }

    /// <summary>Makes a work queue that belongs to the module: when the module stops, what waits in it is executed, and it is given back.</summary>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    [MightSleep]
    public WorkQueue CreateWorkQueue(WorkQueueOptions options) => Own(new WorkQueue(options));

    /// <summary>
    /// Makes a scheduling class known on all CPUs (docs/scheduling-class.md). When the module stops, tasks that the class still schedules go on under the ordinary policy with their nice values; after that no CPU
    /// is in one of its methods, and its rank is free.
    /// </summary>
    /// <exception cref="ArgumentException">Its rank is out of range or taken.</exception>
    [MightSleep]
    public void AddSchedulingClass(SchedulingClass policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        SchedulingClasses.Register(policy);
        Own(new OwnedThing(policy, () => SchedulingClasses.Unregister(policy)));
    }

    [MightSleep]
    private static void End(TaskStruct task)
    {
        task.Kill();
        task.JoinUninterruptible();
    }
}
