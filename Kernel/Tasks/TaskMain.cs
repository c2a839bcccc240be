using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks;

/// <summary>Thrown by <see cref="KernelTask.Exit"/> and caught where the task began.</summary>
internal sealed class TaskExitException(int code) : Exception("The task ends.")
{
    /// <summary>The exit code.</summary>
    public int Code { get; } = code;
}

/// <summary>Told about tasks that an exception ended. Task context of the task that ends.</summary>
public abstract class TaskFaultReporter
{
    /// <summary>Who is told; null before the log is up.</summary>
    [Atomic]
    public static TaskFaultReporter? Instance { get; set; }

    /// <summary>An exception left the body of <paramref name="task"/>; the task ends now, the kernel goes on.</summary>
    public abstract void Report(TaskStruct task, Exception exception);
}

/// <summary>The life of a task on its own stack: from the first switch to the last.</summary>
internal static class TaskMain
{
    /// <summary>What must happen in each task at its end, on its own stack: the runtime's own goodbye. Set at boot.</summary>
    [Immutable]
    public static Action? Leaving { get; set; }

    /// <summary>Runs the body and ends the task.</summary>
    [DoesNotReturn]
    [MightSleep]
    public static void Run(TaskStruct task)
    {
        Leave(task, RunBody(task));
    }

    /// <summary>Ends the running task here and now: nothing below on its stack runs again, <c>finally</c> blocks neither.</summary>
    [DoesNotReturn]
    [MightSleep]
    public static void Leave(TaskStruct task, TaskExit exit)
    {
        // An exception that ends the goodbye itself comes here again: the task then ends without it, and not in a circle.
        TaskStruct current = TaskStruct.Current;
        if (!current.IsLeaving)
        {
            current.IsLeaving = true;
            Leaving?.Invoke();
        }

        End(task, exit);
    }

    /// <summary>The exception says that the task ends as it was asked to, and not that something failed.</summary>
    public static bool IsEnd(TaskStruct task, Exception exception) => exception is TaskExitException || IsKill(task, exception);

    // A kill ends a sleep of the kernel with the one and a wait of .NET with the other.
    private static bool IsKill(TaskStruct task, Exception exception) => task.IsKilled && exception is (TaskKilledException or ThreadInterruptedException);

    private static TaskExit RunBody(TaskStruct task)
    {
        try
        {
            task.ThrowIfKilled();
            return new TaskExit(TaskExitReason.Exited, task.Body!());
        }
        catch (TaskExitException exit)
        {
            return new TaskExit(TaskExitReason.Exited, exit.Code);
        }
        catch (Exception exception) when (IsKill(task, exception))
        {
            return new TaskExit(TaskExitReason.Killed, TaskExit.KilledCode);
        }
        catch (Exception exception)
        {
            Report(task, exception);
            return new TaskExit(TaskExitReason.Faulted, TaskExit.FaultedCode);
        }
    }

    // A reporter that fails, for lack of memory as a rule, must not take the task's end away.
    private static void Report(TaskStruct task, Exception exception)
    {
        try
        {
            TaskFaultReporter.Instance?.Report(task, exception);
        }
        catch (Exception)
        {
            EarlyConsole.WriteLine("An exception ended a task, and reporting it failed"u8);
        }
    }

    [DoesNotReturn]
    private static void End(TaskStruct task, TaskExit exit)
    {
        task.Exit = exit;
        task.Body = null;
        task.CancelTimers();
        task.ReleaseResources();
        while (TaskTree.Disown(task) is { } child)
        {
            child.Detach();
        }

        LockValidator.NothingHeldAtExit();

        // Preemption is counted by CPU: a count that the task leaves behind would keep this CPU from ever switching again.
        Preemption.AssertMaySleep("A task ends with preemption or interrupts off"u8);

        if (task.Thread.IsInReadSection)
        {
            Panic.Now("A task ends inside a read-side section of RCU"u8);
        }

        // From here to the switch nothing may preempt: whoever learns that the task has ended waits for it to leave its CPU.
        InterruptFlag.Disable();
        bool reapItself = (task.SetReapFlags(TaskReap.Exited) & TaskReap.Detached) != 0
            && (task.SetReapFlags(TaskReap.Claimed) & TaskReap.Claimed) == 0;

        // With the lock: a waker that saw an earlier state has finished before the state becomes final.
        using (task.WakeLock.Enter())
        {
            task.Transition(TaskState.Zombie);
            task.GiveBackPromise();
        }

        task.Exited.CompleteAll();
        if (reapItself)
        {
            Reaper.Add(task);
        }

        Scheduler.Switch(SwitchReason.Blocked);
        throw new InvalidOperationException("An ended task ran again.");
    }
}
