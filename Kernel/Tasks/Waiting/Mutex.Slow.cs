using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks.Waiting;

// Contention: spinning, queueing, handing over.
public sealed partial class Mutex
{
    // How often a spinning task looks before it sleeps after all: a few times what a sleep and a wake-up cost.
    private const int MostLooks = 1000;

    // The same under a hypervisor, where a PAUSE may cost a trap and the owner's CPU may be stopped while it looks as if it ran.
    private const int MostLooksOutOfOrder = 100;

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
        int me = WordOf(task);
        if ((Volatile.Read(ref _word) & ~Flags) == me)
        {
            Panic.Now("A task waits for a mutex that it holds itself"u8);
        }

        LockStatistics.CountContention(_class);
        if (TakeIfFree(me))
        {
            return WaitResult.Woken;
        }

        if (deadline == 0)
        {
            return WaitResult.TimedOut;
        }

        if (RunQueues.Count > 1 && SpinWhileOwnerRuns(me))
        {
            return WaitResult.Woken;
        }

        using (_lock.Enter())
        {
            if (TakeOrMark(me))
            {
                return WaitResult.Woken;
            }

            _waiters.AddByUrgency(task.Waiter);
            task.PrepareToSleep(mode, _name);
        }

        return WaitForTurn(task, deadline, mode);
    }

    [MightSleep]
    private WaitResult WaitForTurn(TaskStruct task, ulong deadline, WaitMode mode)
    {
        int tries = 0;
        while (true)
        {
            Scheduler.Sleep(deadline);
            using (_lock.Enter())
            {
                // Taken off the list: it was handed over. Else it may be free, and is taken even if the wait ends at this moment: the wake-up is used up.
                if (!task.Waiter.IsListed || TakeFromList(task.Waiter))
                {
                    return WaitResult.Woken;
                }

                bool interrupted = task.MustEndSleep(mode);
                if (interrupted || (deadline != Scheduler.Never && Clock.MonotonicNanoseconds >= deadline))
                {
                    LeaveList(task.Waiter);
                    return interrupted ? WaitResult.Interrupted : WaitResult.TimedOut;
                }

                tries++;
                bool isDue = tries >= TriesBeforeHandOff || task.EffectiveUrgency.IsUrgent;
                if (isDue && ReferenceEquals(_waiters.First, task.Waiter) && TakeOrMark(WordOf(task), HandOff))
                {
                    RemoveAndUnmark(task.Waiter);
                    return WaitResult.Woken;
                }

                task.PrepareToSleep(mode, _name);
            }
        }
    }

    // Takes the mutex if nobody holds it; others may wait.
    private bool TakeIfFree(int me)
    {
        int word = Volatile.Read(ref _word);
        while ((word & ~Flags) == Free)
        {
            // A full fence, as in TryAcquire.
            int seen = Interlocked.CompareExchange(ref _word, me | word, word);
            if (seen == word)
            {
                return true;
            }

            word = seen;
        }

        return false;
    }

    // Takes the mutex if nobody holds it, or sets a flag in the word that says that somebody does: one or the other, in one step.
    [RequiresLock(nameof(_lock))]
    private bool TakeOrMark(int me, int flag = Waiters)
    {
        int word = Volatile.Read(ref _word);
        while (true)
        {
            bool free = (word & ~Flags) == Free;
            int wanted = word | (free ? me : flag);
            int seen = Interlocked.CompareExchange(ref _word, wanted, word);
            if (seen == word)
            {
                return free;
            }

            word = seen;
        }
    }

    [RequiresLock(nameof(_lock))]
    private bool TakeFromList(Waiter waiter)
    {
        if (!TakeIfFree(WordOf(waiter.Task)))
        {
            return false;
        }

        RemoveAndUnmark(waiter);
        return true;
    }

    // Gives up the wait. A hand-over that it asked for is not for who comes after it.
    [RequiresLock(nameof(_lock))]
    private void LeaveList(Waiter waiter)
    {
        if (ReferenceEquals(_waiters.First, waiter))
        {
            Interlocked.And(ref _word, ~HandOff);
        }

        RemoveAndUnmark(waiter);
    }

    [RequiresLock(nameof(_lock))]
    private void RemoveAndUnmark(Waiter waiter)
    {
        _waiters.Remove(waiter);
        if (_waiters.IsEmpty)
        {
            Interlocked.And(ref _word, ~Flags);
        }
    }

    // Somebody waits, or waited when the release looked.
    [NoAllocation]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReleaseSlow(int me)
    {
        if ((Volatile.Read(ref _word) & ~Flags) != me)
        {
            Panic.Now("A task releases a mutex that it does not hold"u8);
        }

        using (_lock.Enter())
        {
            // Nobody else changes the word now: it is held, so nobody can take it, and the flags are set and cleared with the lock held.
            if (_waiters.First is not { } first)
            {
                Volatile.Write(ref _word, Free);
                return;
            }

            if ((Volatile.Read(ref _word) & HandOff) != 0)
            {
                _waiters.Remove(first);
                int mark = _waiters.IsEmpty ? 0 : Waiters;
                Volatile.Write(ref _word, WordOf(first.Task) | mark);
            }
            else
            {
                // It stays in the list until it has the mutex. A release store: pairs with the compare-exchange of who takes it.
                Volatile.Write(ref _word, Waiters);
            }

            WakeUp.TryWithInterruptsOff(first.Task, WakeUp.AnySleep);
        }
    }

    // Spins while the owner runs on another CPU. True when the mutex was taken.
    private bool SpinWhileOwnerRuns(int me)
    {
        RunQueue? queue = null;
        int last = Free;
        int most = SpinLockOrder.IsQueued ? MostLooks : MostLooksOutOfOrder;
        for (int looks = 0; looks < most; looks++)
        {
            int word = Volatile.Read(ref _word);
            int owner = word & ~Flags;
            if (owner == Free)
            {
                if (TakeIfFree(me))
                {
                    return true;
                }

                continue;
            }

            if (owner != last)
            {
                last = owner;
                queue = FindRunning(owner);
            }

            // Not running any more, or to be handed over: nothing to spin for.
            if ((word & HandOff) != 0 || queue is null || WordOf(queue.Running) != owner)
            {
                return false;
            }

            CpuInstructions.Pause();
        }

        return false;
    }

    // Where the owner runs. Racy, and so only good for the decision whether to spin: the answer changes at once.
    private static RunQueue? FindRunning(int owner)
    {
        for (int cpu = 0; cpu < RunQueues.Limit; cpu++)
        {
            if (RunQueues.Get(cpu) is { } queue && WordOf(queue.Running) == owner)
            {
                return queue;
            }
        }

        return null;
    }
}
