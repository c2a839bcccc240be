using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// Makes tasks runnable and puts them on a CPU. Locks: the task's wake lock first, then run queues.
/// Everything here may be called from any context but NMI.
/// </summary>
internal static class WakeUp
{
    /// <summary>Wakes a task that sleeps interruptibly.</summary>
    public const int InterruptibleOnly = 1 << (int)TaskState.Interruptible;

    /// <summary>Wakes a task that a kill may wake.</summary>
    public const int Killable = InterruptibleOnly | (1 << (int)TaskState.Killable);

    /// <summary>Wakes a task that sleeps in any way.</summary>
    public const int AnySleep = Killable | (1 << (int)TaskState.Uninterruptible);

    /// <summary>Starts a new task.</summary>
    public const int Start = 1 << (int)TaskState.New;

    /// <summary>Makes the task runnable if its state is among <paramref name="states"/>.</summary>
    /// <returns>True when this call woke it.</returns>
    [NoAllocation]
    public static bool Try(TaskStruct task, int states)
    {
        ulong flags = InterruptFlag.Disable();
        bool woken = TryWithInterruptsOff(task, states);
        Preemption.RestoreInterrupts(flags);
        return woken;
    }

    /// <summary>As <see cref="Try"/>, where interrupts are off, as they are while an <see cref="IrqSpinLock"/> is held.</summary>
    /// <returns>True when this call woke it.</returns>
    [NoAllocation]
    public static bool TryWithInterruptsOff(TaskStruct task, int states)
    {
        bool woken = false;
        task.WakeLock.AcquireWithInterruptsOff();

        // Acquiring the lock is a full fence: the caller's stores before the wake-up are ordered before this load,
        // which pairs with the fence in TaskStruct.PrepareToSleep.
        TaskState state = task.State;
        if (((states >> (int)state) & 1) != 0)
        {
            woken = (task.IsQueued && WakeWhileQueued(task)) || WakeAsleep(task, states, state);
        }

        task.WakeLock.ReleaseWithInterruptsOff();
        return woken;
    }

    /// <summary>Queues a runnable task that left a CPU where it may not run any more. Interrupts are off.</summary>
    [NoAllocation]
    public static void PlaceMigrated(TaskStruct task)
    {
        using (task.WakeLock.Enter())
        {
            Place(task, EnqueueReason.Migrated);
        }
    }

    /// <summary>Queues a runnable task where it fits best. It is in no queue and on no CPU.</summary>
    [RequiresLock("task.WakeLock")]
    [NoAllocation]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Place(TaskStruct task, EnqueueReason reason)
    {
        task.MustMigrate = false;
        RunQueue queue = Placement.Choose(task);
        queue.Lock.AcquireWithInterruptsOff();
        queue.Enqueue(task, reason);
        bool push = !queue.CheckPreemption(task) && RealTimeBalancer.MayMove(task);
        queue.Lock.ReleaseWithInterruptsOff();
        if (push)
        {
            // What the choice rested on has changed meanwhile, or every CPU runs something as urgent: then nothing is moved.
            RealTimeBalancer.Push(queue);
        }
    }

    /// <summary>Locks the run queue that the task belongs to. Interrupts are off; the caller releases.</summary>
    [Acquires("return.Lock")]
    [NoAllocation]
    public static RunQueue LockQueueOf(TaskStruct task)
    {
        while (true)
        {
            RunQueue queue = RunQueues.Get(task.Cpu)!;
            queue.Lock.AcquireWithInterruptsOff();
            if (queue.Index == task.Cpu)
            {
                return queue;
            }

            // Balancing moved it meanwhile.
            queue.Lock.ReleaseWithInterruptsOff();
            CpuInstructions.Pause();
        }
    }

    // Off its queue, and under the wake lock nobody else can queue it.
    [RequiresLock("task.WakeLock")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool WakeAsleep(TaskStruct task, int states, TaskState state)
    {
        // It may still be saving its registers on the CPU where it went to sleep.
        task.WaitUntilOffCpu();

        // Since the look at its state it may have gone on by itself, because an interrupt was pending, and been taken off a CPU where it may not run any more.
        // Then FinishSwitch queues it, and it must not be queued twice. From here on nothing but this call changes its state.
        if (((states >> (int)task.State) & 1) == 0)
        {
            return false;
        }

        task.SetWoken();
        Place(task, state == TaskState.New ? EnqueueReason.Started : EnqueueReason.Woken);
        return true;
    }

    // It set its state but has not left its queue: the new state alone keeps it from sleeping.
    [RequiresLock("task.WakeLock")]
    private static bool WakeWhileQueued(TaskStruct task)
    {
        RunQueue queue = LockQueueOf(task);
        bool queued = task.IsQueued;
        if (queued)
        {
            task.SetRunnable();
            if (!ReferenceEquals(queue.Running, task))
            {
                // Preempted between setting its state and sleeping.
                queue.CheckPreemption(task);
            }
        }

        queue.Lock.ReleaseWithInterruptsOff();
        return queued;
    }
}
