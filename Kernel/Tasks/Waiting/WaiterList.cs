using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks.Waiting;

/// <summary>A task's place in a list of waiters. A task has one, since it sleeps on one thing at a time; who waits on several makes more.</summary>
public sealed class Waiter
{
    /// <summary>Makes a place for a task.</summary>
    public Waiter(TaskStruct task)
    {
        Task = task;
    }

    /// <summary>Who waits.</summary>
    public TaskStruct Task { get; }

    /// <summary>One wake-up wakes only one of the exclusive waiters.</summary>
    internal bool IsExclusive { get; set; }

    /// <summary>It is in a list. Guarded by the list's lock.</summary>
    internal bool IsListed { get; set; }

    internal Waiter? Next { get; set; }

    internal Waiter? Previous { get; set; }
}

/// <summary>
/// Tasks that wait, first come first served, without a lock of its own: it is part of the thing waited for, whose lock guards it.
/// What a waiter was woken for is handed to it under that lock by taking it off the list; so a time-out or a kill at the same moment cannot lose it.
/// </summary>
[NoAllocation]
internal struct WaiterList
{
    private Waiter? _first;
    private Waiter? _last;

    /// <summary>True when nobody waits.</summary>
    public readonly bool IsEmpty => _first is null;

    /// <summary>Who has waited longest.</summary>
    public readonly Waiter? First => _first;

    /// <summary>Adds a waiter at the end.</summary>
    public void AddLast(Waiter waiter)
    {
        waiter.IsListed = true;
        waiter.Next = null;
        waiter.Previous = _last;
        if (_last is { } last)
        {
            last.Next = waiter;
        }
        else
        {
            _first = waiter;
        }

        _last = waiter;
    }

    /// <summary>Adds a waiter at the front.</summary>
    public void AddFirst(Waiter waiter)
    {
        waiter.IsListed = true;
        waiter.Previous = null;
        waiter.Next = _first;
        if (_first is { } first)
        {
            first.Previous = waiter;
        }
        else
        {
            _last = waiter;
        }

        _first = waiter;
    }

    /// <summary>Takes a waiter of this list out.</summary>
    public void Remove(Waiter waiter)
    {
        if (waiter.Previous is { } previous)
        {
            previous.Next = waiter.Next;
        }
        else
        {
            _first = waiter.Next;
        }

        if (waiter.Next is { } next)
        {
            next.Previous = waiter.Previous;
        }
        else
        {
            _last = waiter.Previous;
        }

        waiter.Next = null;
        waiter.Previous = null;
        waiter.IsListed = false;
    }

    /// <summary>Takes the first waiter out and wakes it.</summary>
    /// <returns>False when there is none.</returns>
    public bool WakeFirst()
    {
        if (_first is not { } waiter)
        {
            return false;
        }

        Remove(waiter);
        WakeUp.Try(waiter.Task, WakeUp.AnySleep);
        return true;
    }

    /// <summary>
    /// Sleeps until somebody takes the running task's waiter off the list, which was added before under <paramref name="guard"/>, together with
    /// <see cref="TaskStruct.PrepareToSleep"/>; the lock is free now.
    /// </summary>
    /// <param name="guard">The lock that guards the list.</param>
    /// <param name="deadline">Nanoseconds on the monotonic clock, or <see cref="Scheduler.Never"/>.</param>
    /// <param name="interruptible">A kill or an interrupt ends the wait.</param>
    /// <param name="channel">What is waited for, for <c>ps</c>.</param>
    [MightSleep]
    public WaitResult SleepUntilTaken(ref IrqSpinLock guard, ulong deadline, bool interruptible, string channel)
    {
        TaskStruct task = TaskStruct.Current;
        Waiter waiter = task.Waiter;
        while (true)
        {
            Scheduler.Sleep(deadline);
            using (guard.Enter())
            {
                if (!waiter.IsListed)
                {
                    return WaitResult.Woken;
                }

                bool interrupted = interruptible && task.HasPendingInterrupt;
                if (interrupted || (deadline != Scheduler.Never && Clock.MonotonicNanoseconds >= deadline))
                {
                    Remove(waiter);
                    return interrupted ? WaitResult.Interrupted : WaitResult.TimedOut;
                }

                task.PrepareToSleep(interruptible, channel);
            }
        }
    }
}
