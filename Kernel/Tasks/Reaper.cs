using System;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tasks;

/// <summary>Releases tasks that nobody joins. A task of its own, since a stack can only be freed from another one, and freeing may sleep.</summary>
internal static class Reaper
{
    private const int StackWords = 96;

    private static IrqSpinLock s_lock = new(LockClass.Reaper);

    [GuardedBy(nameof(s_lock))]
    private static TaskStruct? s_first;

    [Immutable]
    private static Semaphore s_pending = null!;

    /// <summary>Starts the reaper's task. Once, at boot.</summary>
    [BeforePublication]
    [MightSleep]
    public static void Start()
    {
        s_pending = new Semaphore("reap", 0);
        KernelTask.Start(new TaskOptions { Name = "reaper", Scheduling = SchedulingParameters.Fair(-10), Detached = true }, Run);
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

        // Who keeps the object keeps no class of a module with it.
        task.LeaveClass(null);
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
            s_pending.Wait();
            ReleaseNext();
            ForgetStack();
        }
    }

    // Apart from its caller, whose registers hold nothing of the task then.
    [MethodImpl(MethodImplOptions.NoInlining)]
    [MightSleep]
    private static void ReleaseNext()
    {
        TaskStruct? task;
        using (s_lock.Enter())
        {
            task = s_first;
            if (task is not null)
            {
                s_first = task.NextToReap;
                task.NextToReap = null;
            }
        }

        if (task is not null)
        {
            Release(task);
        }
    }

    // Stacks are scanned conservatively, and this task may wait for long: what the calls above have left below its frame would keep the last task, and all that it refers to, in the holes of the frames to come.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ForgetStack()
    {
        Span<ulong> below = stackalloc ulong[StackWords];
        below.Clear();
        _ = System.Threading.Volatile.Read(ref below[0]);
    }
}
