using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Runtime.Exceptions;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks.Runtime;

/// <summary>The stacks of tasks that do not run, for reports.</summary>
public static class TaskStacks
{
    /// <summary>Reads the stack of a task that sleeps or waits for a CPU. Task context. Interrupts are off for about a thousand instructions a frame.</summary>
    /// <param name="task">The task.</param>
    /// <param name="addresses">Gets an address inside the call of each frame, from the inside out.</param>
    /// <returns>How many frames; 0 if the task runs.</returns>
    public static int Capture(TaskStruct task, Span<ulong> addresses)
    {
        // Nobody wakes a task whose wake lock is held, and no CPU takes one from a queue whose lock is held.
        using (task.WakeLock.Enter())
        {
            RunQueue queue = WakeUp.LockQueueOf(task);
            int count = task.IsOnCpu || task.State is TaskState.New or TaskState.Dead ? 0 : CodeNames.CaptureStack(task.Thread, addresses);
            queue.Lock.ReleaseWithInterruptsOff();
            return count;
        }
    }
}
