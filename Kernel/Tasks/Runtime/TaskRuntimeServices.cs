using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Smp;
using CosmosKernel.Machine.Threads;
using CosmosKernel.Machine.Time;
using CosmosKernel.Runtime.Exceptions;
using CosmosKernel.Runtime.Heap;
using CosmosKernel.Runtime.Services;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;
using Semaphore = CosmosKernel.Tasks.Waiting.Semaphore;

namespace CosmosKernel.Tasks.Runtime;

/// <summary>.NET's threads and locks on kernel tasks: <c>Thread</c>, <c>Monitor</c>, <c>Task</c> and <c>Timer</c> come down to these.</summary>
public sealed class TaskRuntimeServices : RuntimeServices
{
    /// <summary>Stack of a .NET thread whose creator asks for no size, in bytes.</summary>
    public const int DefaultStackBytes = 256 * 1024;

    private const ulong StartPoll = 20_000;
    private const string DefaultName = ".NET thread";
    private const string FinalizerName = ".NET finalizer";

    // What CoreLib calls the thread that runs timers; those of the pool it marks.
    private const string TimerThreadName = ".NET Timer";

    /// <summary>Lets the runtime use the scheduler, and the scheduler tell the runtime about ends of tasks. Once, after <see cref="SchedulerStart.BootCpu"/>.</summary>
    [BeforePublication]
    [MightSleep]
    public static void Install()
    {
        TaskMain.Leaving = RuntimeThreads.OnExit;
        TaskFaultReporter.Instance ??= new ConsoleFaultReporter();
        UnhandledException.Handler = new TaskUnhandledException();
        ManagedInterrupts.Start();
        Instance = new TaskRuntimeServices();
        if (!FinalizerThread.Start())
        {
            throw new OutOfMemoryException("There is no memory for the finalizer thread");
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override bool CreateThread(RuntimeThread thread, ulong stackSize)
    {
        ulong bytes = stackSize == 0 ? DefaultStackBytes : Math.Clamp(stackSize, MachineThread.MinimumStackBytes, MachineThread.MaximumStackBytes);
        Thread? managed = thread.Thread;
        try
        {
            // Detached: whoever joins a .NET thread waits for what RuntimeThreads.OnExit tells, not for the task.
            TaskOptions options = new()
            {
                Name = managed is null ? FinalizerName : DefaultName,
                Scheduling = SchedulingParameters.Fair(ManagedPriority.ToNice(managed?.Priority ?? ThreadPriority.Normal)),
                StackBytes = (int)bytes,
                Detached = true,
                ManagedThread = managed,
                IsRuntimeThread = managed is null || managed.IsThreadPoolThread || managed.Name == TimerThreadName,
            };
            KernelTask.Start(options, thread.Run);
            TaskStruct.Current.StartedThread = managed;
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public override ThreadPriority GetPriority(Thread thread) => TaskOf(thread) is { } task ? ManagedPriority.Of(task) : ThreadPriority.Normal;

    /// <inheritdoc/>
    public override bool SetPriority(Thread thread, ThreadPriority priority)
    {
        // A real-time task, a deadline task or one of a module's class was made that by the kernel, for a reason that .NET does not know.
        if (TaskOf(thread) is not { } task || !task.GetScheduling().Policy.IsFair())
        {
            return false;
        }

        if (ManagedPriority.Of(task) != priority)
        {
            task.SetNice(ManagedPriority.ToNice(priority));
        }

        return true;
    }

    // The task of a thread that has started. CoreLib makes the Thread object of any other task when the task first asks for it, and calls GetPriority with it before
    // anything else: that is how the kernel learns of it.
    private static TaskStruct? TaskOf(Thread thread)
    {
        TaskStruct current = TaskStruct.Current;
        if (ReferenceEquals(current.ManagedThread, thread))
        {
            return current;
        }

        if (current.ManagedThread is null && thread.ManagedThreadId == Environment.CurrentManagedThreadId)
        {
            current.ManagedThread = thread;
            return current;
        }

        for (TaskStruct? task = TaskTable.Next(0); task is not null; task = TaskTable.Next(task.Pid))
        {
            if (ReferenceEquals(task.ManagedThread, thread))
            {
                return task;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public override RuntimeMonitor? CreateMonitor()
    {
        try
        {
            return new TaskMonitor();
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public override RuntimeSemaphore? CreateSemaphore()
    {
        try
        {
            return new TaskSemaphore();
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override bool Yield()
    {
        TaskStruct task = TaskStruct.Current;
        if (task.StartedThread is { } started)
        {
            return WaitForStart(started);
        }

        long before = task.VoluntarySwitches + task.InvoluntarySwitches;
        Scheduler.Yield();
        return task.VoluntarySwitches + task.InvoluntarySwitches != before;
    }

    // Thread.Start yields until the new thread has begun. A thread that is less urgent than its creator would not get this CPU by that, and the two would wait for each
    // other for ever: so the creator sleeps when a first yield has not helped.
    [MightSleep]
    private static bool WaitForStart(Thread started)
    {
        Scheduler.Yield();
        TaskStruct task = TaskStruct.Current;
        if ((started.ThreadState & ThreadState.Unstarted) == 0)
        {
            task.StartedThread = null;
            return true;
        }

        task.PrepareToSleep(WaitMode.Uninterruptible, "Thread.Start");
        Scheduler.Sleep(Clock.MonotonicNanoseconds + StartPoll);
        return true;
    }

    /// <inheritdoc/>
    public override void FenceAllCpus()
    {
        // Forgetting a translation is done by an interrupt on each CPU and acknowledged; an interrupt's return is a fence. Page 0 is never mapped.
        TlbShootdown.Flush(0, 1);
    }

    /// <inheritdoc/>
    [DoesNotReturn]
    [MightSleep]
    public override void Exit(int exitCode) => TaskMain.Leave(TaskStruct.Current, new TaskExit(TaskExitReason.Exited, exitCode));

    /// <summary>A semaphore for the runtime's own threads.</summary>
    private sealed class TaskSemaphore : RuntimeSemaphore
    {
        private const ulong NanosecondsPerMillisecond = 1_000_000;

        private readonly Semaphore _semaphore = new(".NET finalizers", 0);

        /// <inheritdoc/>
        [NoAllocation]
        public override void Release() => _semaphore.Release();

        /// <inheritdoc/>
        [MightSleep]
        public override bool Wait(int milliseconds)
        {
            ulong deadline = milliseconds < 0 ? Scheduler.Never : Clock.MonotonicNanoseconds + ((ulong)milliseconds * NanosecondsPerMillisecond);
            return _semaphore.Wait(deadline) == WaitResult.Woken;
        }
    }
}
