using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks.Waiting;

/// <summary>A task's place in a list of waiters. A task has one, since it sleeps on one thing at a time; who waits on several makes more.</summary>
[Protocol("Guarded by the lock of the list that it is in, or that its task is about to put it into; only IsListed is read without it, by the waiter itself.")]
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

    /// <summary>What a list that is ordered by key sorts it by. Guarded by the list's lock.</summary>
    internal ulong Key { get; set; }

    /// <summary>It is in a list. Written with the list's lock held, false as the last thing when it is taken off; the waiter itself may look without the lock whether it still waits.</summary>
    internal bool IsListed
    {
        get => Volatile.Read(ref _isListed);
        set => Volatile.Write(ref _isListed, value);
    }

    private bool _isListed;

    internal Waiter? Next { get; set; }

    internal Waiter? Previous { get; set; }
}

/// <summary>
/// Tasks that wait, without a lock of its own: it is part of the thing waited for, whose lock guards it. Deadline and real-time tasks come first, by urgency; all others are served in
/// the order in which they came (so do Linux's futexes: a task that may not wait behind ordinary work must not do so in a list of waiters either).
/// What a waiter was woken for is handed to it under that lock by taking it off the list; so a time-out or a kill at the same moment cannot lose it.
/// </summary>
[NoAllocation]
internal struct WaiterList
{
    private Waiter? _first;
    private Waiter? _last;

    /// <summary>True when nobody waits.</summary>
    public readonly bool IsEmpty => _first is null;

    /// <summary>Who is next.</summary>
    public readonly Waiter? First => _first;

    /// <summary>Adds a waiter at the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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

    /// <summary>Adds a waiter behind all that are at least as urgent: at once for an ordinary task, O(more urgent waiters) for a real-time one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddByUrgency(Waiter waiter)
    {
        SchedulingUrgency urgency = waiter.Task.EffectiveUrgency;
        waiter.Key = urgency.Key;
        if (!urgency.IsUrgent)
        {
            AddLast(waiter);
        }
        else
        {
            AddRealTime(waiter);
        }
    }

    private void AddRealTime(Waiter waiter)
    {
        Waiter? before = null;
        for (Waiter? next = _first; next is not null && next.Key <= waiter.Key; next = next.Next)
        {
            before = next;
        }

        AddAfter(before, waiter);
    }

    /// <summary>Adds a waiter behind another one, or at the front.</summary>
    private void AddAfter(Waiter? before, Waiter waiter)
    {
        if (before is null)
        {
            AddFirst(waiter);
            return;
        }

        if (before.Next is not { } next)
        {
            AddLast(waiter);
            return;
        }

        waiter.IsListed = true;
        waiter.Previous = before;
        waiter.Next = next;
        before.Next = waiter;
        next.Previous = waiter;
    }

    /// <summary>Adds a waiter behind all whose key is not greater than its own. Looked for from the end, where a later event is waited for as a rule.</summary>
    public void AddByKey(Waiter waiter)
    {
        Waiter? before = _last;
        while (before is not null && before.Key > waiter.Key)
        {
            before = before.Previous;
        }

        AddAfter(before, waiter);
    }

    /// <summary>Takes a waiter of this list out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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
        WakeUp.TryWithInterruptsOff(waiter.Task, WakeUp.AnySleep);
        return true;
    }

    /// <summary>
    /// Sleeps until somebody takes the running task's waiter off the list, which was added before under <paramref name="guard"/>, together with
    /// <see cref="TaskStruct.PrepareToSleep"/>; the lock is free now.
    /// </summary>
    /// <param name="guard">The lock that guards the list.</param>
    /// <param name="deadline">Nanoseconds on the monotonic clock, or <see cref="Scheduler.Never"/>.</param>
    /// <param name="mode">What else ends the wait.</param>
    /// <param name="channel">What is waited for, for <c>ps</c>.</param>
    [MightSleep]
    public WaitResult SleepUntilTaken(ref IrqSpinLock guard, ulong deadline, WaitMode mode, string channel)
    {
        TaskStruct task = TaskStruct.Current;
        Waiter waiter = task.Waiter;
        Scheduler.Sleep(deadline);

        // The lock is needed only to give up. Who took the waiter off may still be waking: at worst that ends a later sleep without a reason, which every sleep allows for.
        return waiter.IsListed ? GiveUpOrSleepOn(ref guard, task, deadline, mode, channel) : WaitResult.Woken;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WaitResult GiveUpOrSleepOn(ref IrqSpinLock guard, TaskStruct task, ulong deadline, WaitMode mode, string channel)
    {
        while (true)
        {
            using (guard.Enter())
            {
                if (HasEnded(task, deadline, mode, out WaitResult result))
                {
                    return result;
                }

                task.PrepareToSleep(mode, channel);
            }

            Scheduler.Sleep(deadline);
        }
    }

    /// <summary>
    /// Asked by a waiter that has slept, with the list's lock held: whether its wait is over. If it is because of the deadline or a request, the waiter has left the list; who
    /// was taken off it has got what it waited for, whatever else happened.
    /// </summary>
    public bool HasEnded(TaskStruct task, ulong deadline, WaitMode mode, out WaitResult result)
    {
        result = WaitResult.Woken;
        if (!task.Waiter.IsListed)
        {
            return true;
        }

        bool interrupted = task.MustEndSleep(mode);
        if (!interrupted && (deadline == Scheduler.Never || Clock.MonotonicNanoseconds < deadline))
        {
            return false;
        }

        Remove(task.Waiter);
        result = interrupted ? WaitResult.Interrupted : WaitResult.TimedOut;
        return true;
    }
}
