using System;
using System.Diagnostics.CodeAnalysis;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Smp;
using CosmosKernel.Machine.Threads;
using CosmosKernel.Machine.Time;
using CosmosKernel.Runtime.Exceptions;
using CosmosKernel.Runtime.Heap;
using CosmosKernel.Runtime.Services;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tasks.Runtime;

/// <summary>.NET's threads and locks on kernel tasks: <c>Thread</c>, <c>Monitor</c>, <c>Task</c> and <c>Timer</c> come down to these.</summary>
public sealed class TaskRuntimeServices : RuntimeServices
{
    /// <summary>Stack of a .NET thread whose creator asks for no size, in bytes.</summary>
    public const int DefaultStackBytes = 256 * 1024;

    /// <summary>Lets the runtime use the scheduler, and the scheduler tell the runtime about ends of tasks. Once, after <see cref="SchedulerStart.BootCpu"/>.</summary>
    public static void Install()
    {
        TaskMain.Leaving = RuntimeThreads.OnExit;
        TaskFaultReporter.Instance ??= new ConsoleFaultReporter();
        UnhandledException.Handler = new TaskUnhandledException();
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
        try
        {
            // Detached: whoever joins a .NET thread waits for what RuntimeThreads.OnExit tells, not for the task.
            KernelTask.Start(new TaskOptions { Name = ".NET thread", StackBytes = (int)bytes, Detached = true }, thread.Run);
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
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
        long before = task.VoluntarySwitches + task.InvoluntarySwitches;
        Scheduler.Yield();
        return task.VoluntarySwitches + task.InvoluntarySwitches != before;
    }

    /// <inheritdoc/>
    public override void FenceAllCpus()
    {
        // Forgetting a translation is done by an interrupt on each CPU and acknowledged; an interrupt's return is a fence. Page 0 is never mapped.
        TlbShootdown.Flush(0, 1);
    }

    /// <inheritdoc/>
    [DoesNotReturn]
    public override void Exit(int exitCode) => TaskMain.Leave(TaskStruct.Current, new TaskExit(TaskExitReason.Exited, exitCode));

    /// <summary>
    /// A monitor that CoreLib's waits are made of. Waits are not interruptible: CoreLib keeps its own account of who waits, and would lose it.
    /// <c>Thread.Interrupt</c> comes to it by a signal.
    /// </summary>
    private sealed class TaskMonitor : RuntimeMonitor
    {
        private const ulong NanosecondsPerMillisecond = 1_000_000;

        private readonly Mutex _mutex = new(".NET monitor");
        private readonly ConditionVariable _condition = new(".NET wait");

        /// <inheritdoc/>
        [MightSleep]
        public override void Acquire() => _mutex.Acquire(Scheduler.Never, interruptible: false);

        /// <inheritdoc/>
        public override void Release() => _mutex.Release();

        /// <inheritdoc/>
        [MightSleep]
        public override void Wait() => _condition.Wait(_mutex);

        /// <inheritdoc/>
        [MightSleep]
        public override bool Wait(int milliseconds)
        {
            ulong deadline = Clock.MonotonicNanoseconds + ((ulong)Math.Max(milliseconds, 0) * NanosecondsPerMillisecond);
            return _condition.Wait(_mutex, deadline) == WaitResult.Woken;
        }

        /// <inheritdoc/>
        public override void SignalAndRelease()
        {
            _condition.Signal();
            _mutex.Release();
        }
    }
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
