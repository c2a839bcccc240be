using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Locking;

// Contention: queueing by urgency, lending, handing over.
public sealed partial class RtMutex
{
    [MightSleep]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WaitResult AcquireValidated(TaskStruct task, ulong deadline, WaitMode mode)
    {
        LockValidator.Acquiring(this, _class, deadline != 0);
        bool waited = Interlocked.CompareExchange(ref _word, WordOf(task), Free) != Free;
        WaitResult result = waited ? AcquireSlow(task, deadline, mode) : WaitResult.Woken;
        LockValidator.Acquired(this, _class, result == WaitResult.Woken, deadline != 0, waited);
        return result;
    }

    [MightSleep]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WaitResult AcquireSlow(TaskStruct task, ulong deadline, WaitMode mode)
    {
        LockStatistics.CountContention(_class);

        // Held: who comes to wait does so in one step with everybody else, so that no circle closes unseen.
        if (deadline == 0)
        {
            return WaitResult.TimedOut;
        }

        using (PriorityInheritance.Lock.Enter())
        {
            if (!TakeOrMark(task, out int owner))
            {
                // The mark keeps the owner from releasing without this lock, so it cannot end either.
                if ((Holder ?? TaskTable.Find(owner)) is not { } holder)
                {
                    Panic.Now("A task waits for an rt-mutex whose owner ended without releasing it"u8);
                    return WaitResult.Deadlock;
                }

                if (PriorityInheritance.LeadsTo(holder, task))
                {
                    UnmarkIfNobodyWaits();
                    return WaitResult.Deadlock;
                }

                Add(task, holder);
                task.PrepareToSleep(mode, Name);
                PriorityInheritance.Update(holder);
            }
            else
            {
                return WaitResult.Woken;
            }
        }

        while (true)
        {
            Scheduler.Sleep(deadline);
            using (PriorityInheritance.Lock.Enter())
            {
                if (!Waiting.HasEnded(task, deadline, mode, out WaitResult result))
                {
                    task.PrepareToSleep(mode, Name);
                    continue;
                }

                if (result != WaitResult.Woken)
                {
                    GiveUp(task);
                }

                return result;
            }
        }
    }

    // Takes the mutex if it is free, or marks that somebody waits: one or the other, in one step.
    [RequiresLock(typeof(PriorityInheritance), nameof(PriorityInheritance.Lock))]
    private bool TakeOrMark(TaskStruct task, out int owner)
    {
        int word = Volatile.Read(ref _word);
        while (true)
        {
            bool free = word == Free;
            owner = word >> OwnerShift;
            int wanted = free ? WordOf(task) : word | Waiters;
            int seen = Interlocked.CompareExchange(ref _word, wanted, word);
            if (seen == word)
            {
                return free;
            }

            word = seen;
        }
    }

    // The task has left the list because its wait ended: what it lent is given back along the chain.
    [RequiresLock(typeof(PriorityInheritance), nameof(PriorityInheritance.Lock))]
    private void GiveUp(TaskStruct task)
    {
        task.UrgencyLink = null;
        TaskStruct holder = Holder!;
        if (Waiting.IsEmpty)
        {
            PriorityInheritance.Detach(this, holder);
            UnmarkIfNobodyWaits();
        }

        PriorityInheritance.Update(holder);
    }

    [RequiresLock(typeof(PriorityInheritance), nameof(PriorityInheritance.Lock))]
    private void UnmarkIfNobodyWaits()
    {
        if (Waiting.IsEmpty)
        {
            Interlocked.And(ref _word, ~Waiters);
        }
    }

    // Somebody waits, or waited when the release looked.
    [NoAllocation]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReleaseSlow(TaskStruct task)
    {
        if ((Volatile.Read(ref _word) & ~Waiters) != WordOf(task))
        {
            Panic.Now("A task releases an rt-mutex that it does not hold"u8);
        }

        using (PriorityInheritance.Lock.Enter())
        {
            if (FirstWaiter is not { } next)
            {
                // A release store: all of the critical section is seen before the mutex is free.
                Volatile.Write(ref _word, Free);
                return;
            }

            HandOver(task, next);

            // A release store, too; it pairs with this lock, which the new owner takes before it goes on.
            int mark = Waiting.IsEmpty ? 0 : Waiters;
            Volatile.Write(ref _word, WordOf(next) | mark);
            WakeUp.TryWithInterruptsOff(next, WakeUp.AnySleep);
        }
    }

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ThrowDeadlock() => throw new DeadlockException(PriorityInheritance.Describe(TaskStruct.Current, this));
}
