using System;
using System.Diagnostics.CodeAnalysis;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Threads;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tasks;

/// <summary>What a task does about itself, and how one starts another. Task context.</summary>
public static class KernelTask
{
    /// <summary>The task that asks.</summary>
    public static TaskStruct Current => TaskStruct.Current;

    /// <summary>Starts a task. It may run before this returns.</summary>
    /// <param name="options">What it is to be like.</param>
    /// <param name="body">What it runs; the result is its exit code.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory for its stack.</exception>
    [MightSleep]
    public static TaskStruct Start(TaskOptions options, TaskBody body)
    {
        TaskStruct task = Create(options, body);
        WakeUp.Try(task, WakeUp.Start);
        return task;
    }

    /// <summary>Starts a task with default options that returns no code.</summary>
    /// <param name="name">Shown by <c>ps</c>.</param>
    /// <param name="body">What it runs.</param>
    [MightSleep]
    public static TaskStruct Start(string name, Action body) => Start(new TaskOptions { Name = name }, body);

    /// <summary>Starts a task that returns no code.</summary>
    /// <param name="options">What it is to be like.</param>
    /// <param name="body">What it runs.</param>
    [MightSleep]
    public static TaskStruct Start(TaskOptions options, Action body) => Start(options, () =>
    {
        body();
        return 0;
    });

    /// <summary>Lets tasks of the same priority run first.</summary>
    [MightSleep]
    public static void Yield() => Scheduler.Yield();

    /// <summary>Sleeps at least this long.</summary>
    /// <param name="nanoseconds">0 and up; the clock is read first.</param>
    /// <exception cref="TaskKilledException">The task was killed.</exception>
    /// <returns>False when <see cref="TaskStruct.Interrupt"/> ended the sleep early.</returns>
    [MightSleep]
    public static bool Sleep(ulong nanoseconds)
    {
        ulong now = Clock.MonotonicNanoseconds;
        return SleepUntil(nanoseconds < Scheduler.Never - now ? now + nanoseconds : Scheduler.Never);
    }

    /// <summary>Sleeps at least this long; infinitely for a negative span, as .NET does.</summary>
    /// <exception cref="TaskKilledException">The task was killed.</exception>
    /// <returns>False when <see cref="TaskStruct.Interrupt"/> ended the sleep early.</returns>
    [MightSleep]
    public static bool Sleep(TimeSpan time) => time < TimeSpan.Zero ? SleepUntil(Scheduler.Never) : Sleep((ulong)time.Ticks * 100);

    /// <summary>Sleeps until a time.</summary>
    /// <param name="deadline">Nanoseconds on the monotonic clock, or <see cref="Scheduler.Never"/>.</param>
    /// <exception cref="TaskKilledException">The task was killed.</exception>
    /// <returns>False when <see cref="TaskStruct.Interrupt"/> ended the sleep early.</returns>
    [MightSleep]
    public static bool SleepUntil(ulong deadline)
    {
        TaskStruct task = TaskStruct.Current;
        while (deadline == Scheduler.Never || Clock.MonotonicNanoseconds < deadline)
        {
            task.PrepareToSleep(WaitMode.Interruptible, "sleep");
            Scheduler.Sleep(deadline);
            task.ThrowIfKilled();
            if (task.TakeInterrupt())
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Ends the running task. <c>finally</c> blocks run.</summary>
    /// <param name="code">Its exit code.</param>
    [DoesNotReturn]
    public static void Exit(int code) => throw new TaskExitException(code);

    /// <summary>Starts a task that <see cref="Create"/> has made. It may run before this returns.</summary>
    [NoAllocation]
    public static void Start(TaskStruct task) => WakeUp.Try(task, WakeUp.Start);

    /// <summary>Gives up a task that <see cref="Create"/> has made and that was not started: all of it is released, what it holds for its process too.</summary>
    [MightSleep]
    public static void Abandon(TaskStruct task)
    {
        task.ReleaseResources();
        using (task.WakeLock.Enter())
        {
            task.GiveBackPromise();
        }

        Reaper.Release(task);
    }

    /// <summary>Makes a task that is not started yet: its maker completes it, and starts it or gives it up.</summary>
    /// <param name="options">What it is to be like.</param>
    /// <param name="body">What it runs; the result is its exit code.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory for its stack.</exception>
    [MightSleep]
    public static TaskStruct Create(TaskOptions options, TaskBody? body)
    {
        TaskStruct parent = TaskStruct.Current;
        SchedulingParameters scheduling = options.InheritScheduling ? parent.GetScheduling().ForChild() : options.Scheduling;

        // Until the task is in the table, the class does not go: what takes it away looks for tasks there.
        using SchedulingClassUse use = options.InheritScheduling ? SchedulingClassUse.OfInherited(ref scheduling) : SchedulingClassUse.Of(scheduling.Class);
        scheduling.Validate();
        TaskStruct.ThrowIfNoCpu(options.Affinity);
        ThreadGroup? group = options.ThreadOf is { } sibling ? sibling.Group ?? new ThreadGroup(sibling) : null;

        // A deadline has to be promised first.
        bool admit = scheduling.Policy == SchedulingPolicy.Deadline;
        TaskStruct task = new(options, admit ? SchedulingParameters.Default : scheduling, parent) { Body = body, Cpu = Cpu.CurrentIndex };
        task.Thread = MachineThread.Create(task, Math.Max(options.StackBytes, MachineThread.MinimumStackBytes));
        try
        {
            if (admit)
            {
                task.SetScheduling(scheduling);
            }

            TaskTable.Add(task);
        }
        catch
        {
            using (task.WakeLock.Enter())
            {
                task.GiveBackPromise();
            }

            task.Transition(TaskState.Dead);
            task.Thread.Release();
            throw;
        }

        TaskTree.Add(task, parent);
        if (group is not null)
        {
            TaskTree.JoinGroup(task, options.ThreadOf!, group);
        }

        return task;
    }
}
