using System.Threading;
using CosmosKernel.Machine.Locking;
using Semaphore = CosmosKernel.Tasks.Waiting.Semaphore;

namespace CosmosKernel.Tasks;

/// <summary>
/// Ends waits of killed tasks that wait in .NET's way. CoreLib keeps its own account of who waits for what, and only <see cref="Thread.Interrupt"/> takes a waiter out of it; that
/// waits for locks itself, and tasks are killed in any context: so a task of its own does it.
/// </summary>
internal static class ManagedInterrupts
{
    // A stack: pushed by compare and exchange, taken as a whole. Nothing is ever popped alone, so it knows no ABA problem.
    [Atomic]
    private static TaskStruct? s_first;

    [Immutable]
    private static Semaphore s_pending = null!;

    /// <summary>Starts the task. Once, at boot.</summary>
    [BeforePublication]
    [MightSleep]
    public static void Start()
    {
        s_pending = new Semaphore("interrupt", 0);
        KernelTask.Start(new TaskOptions { Name = ".NET interrupts", Priority = TaskPriority.FirstNice, Detached = true }, Run);
    }

    /// <summary>Asks that the present or next .NET wait of a task ends with <see cref="ThreadInterruptedException"/>. Nothing for a task that has never waited so. Any context but NMI.</summary>
    [NoAllocation]
    public static void Request(TaskStruct task)
    {
        if (task.ManagedThread is null || !task.ClaimInterrupt())
        {
            return;
        }

        TaskStruct? first = Volatile.Read(ref s_first);
        while (true)
        {
            task.NextToInterrupt = first;
            TaskStruct? seen = Interlocked.CompareExchange(ref s_first, task, first);
            if (ReferenceEquals(seen, first))
            {
                break;
            }

            first = seen;
        }

        s_pending.Release();
    }

    private static void Run()
    {
        while (true)
        {
            s_pending.Wait();
            TaskStruct? task = Interlocked.Exchange(ref s_first, null);
            while (task is not null)
            {
                TaskStruct? next = task.NextToInterrupt;
                task.NextToInterrupt = null;
                task.EndInterruptClaim();
                task.ManagedThread!.Interrupt();
                task = next;
            }
        }
    }
}
