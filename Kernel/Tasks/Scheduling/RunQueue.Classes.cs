using System.Diagnostics.CodeAnalysis;
using System.Threading;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Tasks.Scheduling;

// Classes that this CPU knows: they come and go.
public sealed partial class RunQueue
{
    /// <summary>Makes a class known on this CPU. Task context.</summary>
    [SuppressMessage("Locking", "CKL024", Justification = "CreateQueue has just made the queue, and nobody else knows it.")]
    internal void AddClass(SchedulingClass policy)
    {
        ClassQueue queue = policy.CreateQueue(Index);
        queue.Attach(this, policy);
        using (Lock.Enter())
        {
            _queues[policy.Rank] = queue;
        }
    }

    /// <summary>
    /// Takes the queue of a class away that no task has any more. The methods of a queue are called with the lock held, so this CPU is in none of them afterwards, and finds none to call. Task context.
    /// </summary>
    internal void RemoveClass(int rank)
    {
        KernelTimer timer;
        using (Lock.Enter())
        {
            ClassQueue? queue = _queues[rank];
            if (queue is null)
            {
                return;
            }

            if (queue.Count != 0)
            {
                Panic.Now("A scheduling class goes, and has tasks"u8);
            }

            timer = queue.Detach();
            Volatile.Write(ref _queues[rank], null);
        }

        timer.CancelAndWait();
    }

    /// <summary>The queue of a class; null if the class is not known here.</summary>
    [NoAllocation]
    internal ClassQueue? QueueOf(int rank) => Volatile.Read(ref _queues[rank]);
}
