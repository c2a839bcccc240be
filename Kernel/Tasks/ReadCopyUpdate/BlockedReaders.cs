using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Deferred;

namespace CosmosKernel.Tasks.ReadCopyUpdate;

/// <summary>
/// What one CPU knows for grace periods: whether it has passed the present one, and which tasks it saw inside a read-side section when they were switched out or
/// when it was asked. A task stays in the list, wherever it goes on, until its outermost section ends.
/// <para>
/// Each task is marked with the first grace period that must wait for it: the present one if this CPU had not passed that yet, since then its section may be older; otherwise
/// the next one. Marks never fall along the list, so a look at the first task tells whether a grace period may end.
/// </para>
/// <para>Lock order: after run queue locks; no other is taken inside.</para>
/// </summary>
internal sealed class BlockedReaders
{
    private IrqSpinLock _lock = new(LockClass.BlockedReaders);
    private IrqSpinLock _callbackLock = new(LockClass.RcuCallbacks);

    [GuardedBy(nameof(_lock))]
    private TaskStruct? _first;

    [GuardedBy(nameof(_lock))]
    private TaskStruct? _last;

    // The last grace period for which nothing that ran on this CPU counts any more, but what is listed.
    [GuardedBy(nameof(_lock))]
    private ulong _passed;

    // Set by the grace period's task, taken by this CPU's interrupt.
    [Atomic]
    private int _isAsked;

    // Handed in on this CPU, waiting for a grace period to begin.
    [GuardedBy(nameof(_callbackLock))]
    private CallbackList _callbacks;

    /// <summary>The grace period that asked this CPU last; for the grace period's task only.</summary>
    [Protocol("Read and written by the one task that drives grace periods.")]
    public ulong AskedFor { get; set; }

    /// <summary>Wakes the grace period's task, once no lock is held on this CPU.</summary>
    public GracePeriodWaker Waker { get; } = new();

    /// <summary>The CPU has a question to answer; for reports.</summary>
    public bool IsAsked => Volatile.Read(ref _isAsked) != 0;

    /// <summary>Puts a task that is inside a section into the list, unless it is in one. On the task's own CPU, interrupts off.</summary>
    [NoAllocation]
    public void Add(TaskStruct task)
    {
        if (task.ReaderList is not null)
        {
            return;
        }

        using (_lock.Enter())
        {
            ulong present = GracePeriods.Started;
            Append(task, _passed == present ? present + 1 : present);
        }
    }

    /// <summary>Takes out a task whose outermost section has ended. On the task's own CPU, interrupts off.</summary>
    /// <returns>True when the present grace period may have waited for it and waits for no other task of this list.</returns>
    [NoAllocation]
    public bool Remove(TaskStruct task)
    {
        using (_lock.Enter())
        {
            Unlink(task);
            task.ReaderList = null;
            task.Thread.IsReadSectionWatched = false;
            ulong present = GracePeriods.Started;
            return task.ReaderGracePeriod <= present && !Holds(present);
        }
    }

    /// <summary>
    /// This CPU has passed the present grace period: nothing older runs here but, perhaps, <paramref name="inside"/>, which is listed. On this CPU, interrupts off.
    /// </summary>
    /// <param name="inside">The task that runs here, if it is inside a section.</param>
    /// <returns>True when the grace period has to wait for nothing of this list.</returns>
    [NoAllocation]
    public bool Pass(TaskStruct? inside)
    {
        using (_lock.Enter())
        {
            ulong present = GracePeriods.Started;
            if (inside is { ReaderList: null })
            {
                Append(inside, _passed == present ? present + 1 : present);
            }

            _passed = present;
            return !Holds(present);
        }
    }

    /// <summary>The CPU was idle at a moment after the present grace period had begun. By the grace period's task.</summary>
    [NoAllocation]
    public void PassIdle()
    {
        using (_lock.Enter())
        {
            _passed = GracePeriods.Started;
        }
    }

    /// <summary>Whether this CPU has passed a grace period; if it has, whether the grace period need not wait for any task of this list. By the grace period's task.</summary>
    [NoAllocation]
    public (bool Passed, bool Clear) Look(ulong gracePeriod)
    {
        using (_lock.Enter())
        {
            return (_passed == gracePeriod, !Holds(gracePeriod));
        }
    }

    /// <summary>A task that a grace period waits for; for reports. Outdated at once.</summary>
    [NoAllocation]
    public TaskStruct? FirstFor(ulong gracePeriod)
    {
        using (_lock.Enter())
        {
            return Holds(gracePeriod) ? _first : null;
        }
    }

    /// <summary>Asks this CPU to pass; the caller interrupts it.</summary>
    [NoAllocation]
    public void Ask() => Volatile.Write(ref _isAsked, 1);

    /// <summary>Takes the question.</summary>
    /// <returns>False when there is none.</returns>
    [NoAllocation]
    public bool TakeQuestion() => Volatile.Read(ref _isAsked) != 0 && Interlocked.Exchange(ref _isAsked, 0) != 0;

    /// <summary>Takes in a callback for the next grace period that begins. Any context but NMI.</summary>
    [NoAllocation]
    public void AddCallback(RcuCallback callback)
    {
        using (_callbackLock.Enter())
        {
            _callbacks.Add(callback);
        }
    }

    /// <summary>Moves all callbacks to the end of a list. By the grace period's task.</summary>
    [NoAllocation]
    public void MoveCallbacksTo(ref CallbackList list)
    {
        using (_callbackLock.Enter())
        {
            list.TakeAll(ref _callbacks);
        }
    }

    [RequiresLock(nameof(_lock))]
    private bool Holds(ulong gracePeriod) => _first is { } first && first.ReaderGracePeriod <= gracePeriod;

    [RequiresLock(nameof(_lock))]
    private void Append(TaskStruct task, ulong gracePeriod)
    {
        task.ReaderList = this;
        task.ReaderGracePeriod = gracePeriod;
        task.NextReader = null;
        task.PreviousReader = _last;
        if (_last is { } last)
        {
            last.NextReader = task;
        }
        else
        {
            _first = task;
        }

        _last = task;
        task.Thread.IsReadSectionWatched = true;
    }

    [RequiresLock(nameof(_lock))]
    private void Unlink(TaskStruct task)
    {
        if (task.PreviousReader is { } previous)
        {
            previous.NextReader = task.NextReader;
        }
        else
        {
            _first = task.NextReader;
        }

        if (task.NextReader is { } next)
        {
            next.PreviousReader = task.PreviousReader;
        }
        else
        {
            _last = task.PreviousReader;
        }

        task.NextReader = null;
        task.PreviousReader = null;
    }
}

/// <summary>Deferred work of a CPU that wakes the grace period's task.</summary>
internal sealed class GracePeriodWaker() : DeferredCall(DeferredUrgency.High)
{
    /// <inheritdoc/>
    protected override void Run() => GracePeriods.Wake();
}
