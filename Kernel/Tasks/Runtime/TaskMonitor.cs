using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Runtime.Services;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Tasks.Runtime;

/// <summary>
/// A monitor that CoreLib's waits are made of. Its sleeps are not interruptible: CoreLib keeps its own account of who waits, and would lose it. A kill comes as
/// <c>Thread.Interrupt</c> (<see cref="ManagedInterrupts"/>), which CoreLib takes care of and then signals.
/// </summary>
internal sealed class TaskMonitor : RuntimeMonitor
{
    private const ulong NanosecondsPerMillisecond = 1_000_000;

    private readonly Mutex _mutex = new(ManagedWait.LockChannel, Machine.Locking.LockClass.Unclassified);
    private readonly ConditionVariable _condition = new(ManagedWait.Channel);

    // Who has the mutex, for that task alone: any other sees somebody else, whatever it reads.
    [Atomic]
    private TaskStruct? _owner;

    // How often more than once its owner has it. CoreLib throws ThreadInterruptedException with a thread's own monitor held, and recording the stack trace may wait for a
    // lock, with the same monitor. The interrupted wait has been taken out of CoreLib's account by then, so the inner one may use the monitor.
    [Protocol("Touched only by the task that holds the mutex.")]
    private int _depth;

    /// <inheritdoc/>
    [Acquires(nameof(_mutex))]
    [MightSleep]
    [SuppressMessage("Locking", "CKL006", Justification = "The monitor is recursive: an inner Acquire finds the mutex held by its own task, and an inner Release leaves it so; the depth tells.")]
    public override void Acquire()
    {
        TaskStruct task = TaskStruct.Current;
        if (ReferenceEquals(Volatile.Read(ref _owner), task))
        {
            _depth++;
            return;
        }

        _mutex.Acquire();
        Volatile.Write(ref _owner, task);
    }

    /// <inheritdoc/>
    [Releases(nameof(_mutex))]
    [SuppressMessage("Locking", "CKL005", Justification = "The monitor is recursive: an inner Acquire finds the mutex held by its own task, and an inner Release leaves it so; the depth tells.")]
    public override void Release()
    {
        if (_depth > 0)
        {
            _depth--;
            return;
        }

        Volatile.Write(ref _owner, null);
        _mutex.Release();
    }

    /// <inheritdoc/>
    [RequiresLock(nameof(_mutex))]
    [MightSleep]
    public override void Wait()
    {
        PassOnKill();
        int depth = _depth;
        _depth = 0;
        Volatile.Write(ref _owner, null);
        _condition.Wait(_mutex);
        Volatile.Write(ref _owner, TaskStruct.Current);
        _depth = depth;
    }

    /// <inheritdoc/>
    [RequiresLock(nameof(_mutex))]
    [MightSleep]
    public override bool Wait(int milliseconds)
    {
        PassOnKill();
        ulong deadline = Clock.MonotonicNanoseconds + ((ulong)Math.Max(milliseconds, 0) * NanosecondsPerMillisecond);
        int depth = _depth;
        _depth = 0;
        Volatile.Write(ref _owner, null);
        bool signalled = _condition.Wait(_mutex, deadline) == WaitResult.Woken;
        Volatile.Write(ref _owner, TaskStruct.Current);
        _depth = depth;
        return signalled;
    }

    /// <inheritdoc/>
    [Releases(nameof(_mutex))]
    public override void SignalAndRelease()
    {
        // Released first: a waiter that runs at once then finds the lock free, where it would only sleep again. The signal may then wake a task that began to wait
        // after the release, which CoreLib allows: a monitor of its has one waiter, which looks again, or waiters that are all alike (LowLevelLock).
        Release();
        _condition.Signal();
    }

    // A kill may have come before the task had a Thread object, or its first interrupt was caught and the task waits again. Not while an exception is being handled:
    // a second one out of a finally block would leave the locks that the block is about to take back.
    private static void PassOnKill()
    {
        TaskStruct task = TaskStruct.Current;
        if (task.IsKilled && !RuntimeThreads.IsHandlingException)
        {
            ManagedInterrupts.Request(task);
        }
    }
}
