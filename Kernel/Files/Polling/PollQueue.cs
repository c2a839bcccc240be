using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Files.Polling;

/// <summary>
/// Who waits for something at a file: tasks that block in a system call (<see cref="Begin"/>), and watchers of poll(2) and epoll(7). A file has one for each side that is waited for
/// separately, such as a pipe's readers and its writers. Whoever makes the file ready changes its state first and calls <see cref="Wake"/> after.
/// </summary>
public sealed class PollQueue
{
    private readonly WaitQueue _waiters;
    private IrqSpinLock _lock;

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private PollNode? _first;

    [GuardedBy(nameof(_lock))]
    private PollNode? _last;

    // Who sends signals; replaced as a whole, null for nobody.
    [Atomic]
    private AsyncWatcher[]? _async;

    /// <summary>Makes an empty queue. Task context.</summary>
    /// <param name="name">Shown by <c>ps</c> for tasks that wait.</param>
    /// <param name="level">0; the queue of an epoll, which is woken while that of a file is locked, has a number above those of all files that it watches, to 65,535.</param>
    public PollQueue(string name, int level = 0)
    {
        _waiters = new WaitQueue(name);
        _lock = new IrqSpinLock(LockClass.PollQueue, level);
    }

    /// <summary>Some watcher is attached. Outdated at once. Any context.</summary>
    public bool HasWatchers => Volatile.Read(ref _first) is not null || Volatile.Read(ref _async) is not null;

    /// <summary>Somebody gets signals for it (O_ASYNC). Outdated at once. Any context.</summary>
    public bool HasOwners => Volatile.Read(ref _async) is not null;

    /// <summary>Begins a wait of the running task; used as <see cref="WaitQueue"/> shows. Task context.</summary>
    /// <param name="deadline">Nanoseconds on the monotonic clock, or <see cref="Scheduler.Never"/>.</param>
    /// <param name="mode">What else ends the wait.</param>
    /// <param name="exclusive">One wake-up is for only one of the exclusive waiters.</param>
    public WaitQueue.Wait Begin(ulong deadline = Scheduler.Never, WaitMode mode = WaitMode.Interruptible, bool exclusive = false) => _waiters.Begin(deadline, mode, exclusive);

    /// <summary>Something happened: wakes all blocked tasks, of the exclusive ones one, and tells all watchers. Any context but NMI; allocates nothing. The caller has changed the state before.</summary>
    /// <param name="events">What happened, for watchers that filter.</param>
    [NoAllocation]
    public void Wake(PollEvents events)
    {
        // Takes the wait queue's lock: a full fence between the caller's change of state and the look at the watchers. Pairs with Attach, which looks the other way round.
        _waiters.WakeOne();
        if (Volatile.Read(ref _first) is not null)
        {
            TellWatchers(events);
        }

        if (Volatile.Read(ref _async) is { } async)
        {
            TellOwners(async, events);
        }
    }

    /// <summary>Nothing new happened, but one more blocked task can go on: of the exclusive ones one. Any context but NMI.</summary>
    [NoAllocation]
    public void WakeNext() => _waiters.WakeOne();

    /// <summary>As <see cref="Wake"/>, but wakes all exclusive waiters: for what concerns everybody, such as a hang-up.</summary>
    /// <param name="events">What happened.</param>
    [NoAllocation]
    public void WakeAll(PollEvents events)
    {
        _waiters.WakeAll();
        if (Volatile.Read(ref _first) is not null)
        {
            TellWatchers(events);
        }

        if (Volatile.Read(ref _async) is { } async)
        {
            TellOwners(async, events);
        }
    }

    /// <summary>Attaches a watcher, if there is one. Called by <see cref="Descriptors.OpenFile.Poll"/> before it looks at the state. Task context; allocates only the first time that the watcher has so many queues.</summary>
    public void Attach(PollWatcher? watcher)
    {
        if (watcher is null)
        {
            return;
        }

        if (watcher is AsyncWatcher async)
        {
            AddAsync(async);
            return;
        }

        PollNode node = watcher.TakeNode(this);
        using (_lock.Enter())
        {
            node.Next = null;
            node.Previous = _last;
            if (_last is { } last)
            {
                last.Next = node;
            }
            else
            {
                Volatile.Write(ref _first, node);
            }

            _last = node;
        }

        // The state is looked at after this; pairs with Wake.
        Interlocked.MemoryBarrier();
    }

    [NoAllocation]
    internal void Remove(PollNode node)
    {
        using (_lock.Enter())
        {
            if (node.Previous is { } previous)
            {
                previous.Next = node.Next;
            }
            else
            {
                Volatile.Write(ref _first, node.Next);
            }

            if (node.Next is { } next)
            {
                next.Previous = node.Previous;
            }
            else
            {
                _last = node.Previous;
            }

            node.Next = null;
            node.Previous = null;
        }
    }

    internal void RemoveAsync(AsyncWatcher watcher)
    {
        while (true)
        {
            AsyncWatcher[]? before = Volatile.Read(ref _async);
            int index = before is null ? -1 : Array.IndexOf(before, watcher);
            if (index < 0)
            {
                return;
            }

            AsyncWatcher[]? after = before!.Length == 1 ? null : [.. before.AsSpan(0, index), .. before.AsSpan(index + 1)];
            if (ReferenceEquals(Interlocked.CompareExchange(ref _async, after, before), before))
            {
                return;
            }
        }
    }

    private void AddAsync(AsyncWatcher watcher)
    {
        watcher.Note(this);
        AsyncWatcher[]? before;
        AsyncWatcher[] after;
        do
        {
            before = Volatile.Read(ref _async);
            after = before is null ? [watcher] : [.. before, watcher];
        }
        while (!ReferenceEquals(Interlocked.CompareExchange(ref _async, after, before), before));
    }

    [NoAllocation]
    private static void TellOwners(AsyncWatcher[] watchers, PollEvents events)
    {
        foreach (AsyncWatcher watcher in watchers)
        {
            watcher.Told(events);
        }
    }

    [NoAllocation]
    private void TellWatchers(PollEvents events)
    {
        using (_lock.Enter())
        {
            for (PollNode? node = _first; node is not null; node = node.Next)
            {
                node.Watcher.OnWake(events);
            }
        }
    }
}
