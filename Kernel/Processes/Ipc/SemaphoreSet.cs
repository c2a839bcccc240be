using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Time;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Processes.Ipc;

/// <summary>
/// A set of semaphores (semget(2)). All operations of one call are done at once or not at all. Who cannot do them waits, and whoever changes a value does them for those that can go on, in the order in which they
/// came: a waiter that is woken has got what it waited for.
/// </summary>
internal sealed partial class SemaphoreSet : IpcObject
{
    private const string Channel = "semop";

    [GuardedBy(typeof(IpcObject), nameof(Lock))]
    private readonly Semaphore[] _semaphores;

    [GuardedBy(typeof(IpcObject), nameof(Lock))]
    private long _operationTime;

    [GuardedBy(typeof(IpcObject), nameof(Lock))]
    private SemaphoreUndo? _undos;

    /// <summary>Makes a set of zeros. Task context.</summary>
    public SemaphoreSet(int key, int flags, Credentials owner, int count)
        : base(key, flags, owner)
    {
        _semaphores = new Semaphore[count];
        Count = count;
    }

    /// <summary>Semaphores.</summary>
    public int Count { get; }

    /// <summary>Does operations that cannot be waited for, or finds that they would have to be. Allocates nothing. Task context.</summary>
    /// <param name="who">Whose rights count.</param>
    /// <param name="operations">What is to be done; their semaphores exist.</param>
    /// <param name="undo">What takes it back; null for nothing.</param>
    /// <param name="processId">The calling process.</param>
    /// <returns>0; <see cref="SemaphoreWaiter.Pending"/>: it would have to wait; a negative errno.</returns>
    [NoAllocation]
    public int TryOperate(Credentials who, ReadOnlySpan<SemaphoreOperation> operations, SemaphoreUndo? undo, int processId)
    {
        using (Lock.Enter())
        {
            return Begin(who, operations, undo, processId, out _);
        }
    }

    /// <summary>Does operations, and waits until they can be done. Task context.</summary>
    /// <param name="who">Whose rights count.</param>
    /// <param name="waiter">What is to be done, by the running task.</param>
    /// <param name="deadline">When the wait ends.</param>
    /// <returns>0; -EAGAIN: the deadline; -EINTR: a signal; -EIDRM, and what <see cref="TryOperate"/> gives.</returns>
    [MightSleep]
    public int Operate(Credentials who, SemaphoreWaiter waiter, SleepDeadline deadline)
    {
        using (Lock.Enter())
        {
            int begun = Begin(who, waiter.Operations, waiter.Undo, waiter.ProcessId, out int blocking);
            if (begun != SemaphoreWaiter.Pending)
            {
                return begun;
            }

            waiter.Blocking = blocking;
            Enqueue(waiter);
            TaskSleep.Prepare(WaitMode.Interruptible, Channel);
        }

        while (true)
        {
            TaskSleep.Sleep(deadline.Monotonic);
            if (waiter.Result is not SemaphoreWaiter.Pending and var result)
            {
                return result;
            }

            using (Lock.Enter())
            {
                if (waiter.Result is not SemaphoreWaiter.Pending and var late)
                {
                    return late;
                }

                bool hasPassed = deadline.HasPassed;
                if (hasPassed || TaskSleep.MustEnd(WaitMode.Interruptible))
                {
                    Unlink(waiter);
                    return -(int)(hasPassed ? Errno.EAGAIN : Errno.EINTR);
                }

                TaskSleep.Prepare(WaitMode.Interruptible, Channel);
            }
        }
    }

    /// <summary>Adds what takes operations back. With the lock of its list held.</summary>
    /// <returns>False: the set is removed.</returns>
    [NoAllocation]
    public bool TryAdd(SemaphoreUndo undo)
    {
        using (Lock.Enter())
        {
            if (IsRemoved)
            {
                return false;
            }

            undo.Next = _undos;
            if (_undos is { } first)
            {
                first.Previous = undo;
            }

            _undos = undo;
            return true;
        }
    }

    /// <summary>Takes back what is to be taken back, as far as values allow. Task context.</summary>
    [NoAllocation]
    public void Apply(SemaphoreUndo undo, int processId)
    {
        long now = Now;
        using (Lock.Enter())
        {
            if (undo.IsDead)
            {
                return;
            }

            Remove(undo);
            bool changed = false;
            for (int i = 0; i < undo.Adjustments.Length; i++)
            {
                int adjustment = undo.Adjustments[i];
                if (adjustment != 0)
                {
                    ref Semaphore semaphore = ref _semaphores[i];
                    semaphore.Value = Math.Clamp(semaphore.Value + adjustment, 0, SemaphoreConstants.MostValue);
                    semaphore.LastId = processId;
                    changed = true;
                }
            }

            _operationTime = now;
            if (changed)
            {
                ServeAll();
            }
        }
    }

    // Checks, and does what can be done at once.
    [RequiresLock(typeof(IpcObject), nameof(Lock))]
    [NoAllocation]
    private int Begin(Credentials who, ReadOnlySpan<SemaphoreOperation> operations, SemaphoreUndo? undo, int processId, out int blocking)
    {
        const uint Read = 0x124;
        const uint Write = 0x92;
        blocking = 0;
        bool alters = Alters(operations);
        if (!IsAllowed(who, alters ? Write : Read))
        {
            return -(int)Errno.EACCES;
        }

        if (IsRemoved || undo is { IsDead: true })
        {
            return -(int)Errno.EIDRM;
        }

        int result = TryPerform(operations, undo, processId, out blocking);
        if (result == 0)
        {
            _operationTime = Now;
            if (alters)
            {
                Serve(operations);
            }
        }

        return result;
    }

    // All or nothing. Pending: the operation of this index cannot be done.
    [RequiresLock(typeof(IpcObject), nameof(Lock))]
    [NoAllocation]
    private int TryPerform(ReadOnlySpan<SemaphoreOperation> operations, SemaphoreUndo? undo, int processId, out int blocking)
    {
        int result = 0;
        int done;
        for (done = 0; done < operations.Length; done++)
        {
            SemaphoreOperation operation = operations[done];
            ref Semaphore semaphore = ref _semaphores[operation.Number];
            int value = semaphore.Value + operation.Change;
            if (value < 0 || (operation.Change == 0 && value != 0))
            {
                result = (operation.Flags & IpcConstants.IPC_NOWAIT) != 0 ? -(int)Errno.EAGAIN : SemaphoreWaiter.Pending;
                break;
            }

            if (value > SemaphoreConstants.MostValue)
            {
                result = -(int)Errno.ERANGE;
                break;
            }

            if (undo is not null && (operation.Flags & SemaphoreConstants.SEM_UNDO) != 0)
            {
                int adjustment = undo.Adjustments[operation.Number] - operation.Change;
                if (adjustment is < -SemaphoreConstants.MostValue - 1 or > SemaphoreConstants.MostValue)
                {
                    result = -(int)Errno.ERANGE;
                    break;
                }

                undo.Adjustments[operation.Number] = (short)adjustment;
            }

            semaphore.Value = value;
        }

        blocking = done;
        if (result != 0)
        {
            TakeBack(operations[..done], undo);
            return result;
        }

        foreach (SemaphoreOperation operation in operations)
        {
            _semaphores[operation.Number].LastId = processId;
        }

        return 0;
    }

    [RequiresLock(typeof(IpcObject), nameof(Lock))]
    [NoAllocation]
    private void TakeBack(ReadOnlySpan<SemaphoreOperation> operations, SemaphoreUndo? undo)
    {
        foreach (SemaphoreOperation operation in operations)
        {
            _semaphores[operation.Number].Value -= operation.Change;
            if (undo is not null && (operation.Flags & SemaphoreConstants.SEM_UNDO) != 0)
            {
                undo.Adjustments[operation.Number] += operation.Change;
            }
        }
    }

    private static bool Alters(ReadOnlySpan<SemaphoreOperation> operations)
    {
        foreach (SemaphoreOperation operation in operations)
        {
            if (operation.Change != 0)
            {
                return true;
            }
        }

        return false;
    }

    [RequiresLock(typeof(IpcObject), nameof(Lock))]
    [NoAllocation]
    private void Remove(SemaphoreUndo undo)
    {
        if (undo.Previous is { } previous)
        {
            previous.Next = undo.Next;
        }
        else
        {
            _undos = undo.Next;
        }

        if (undo.Next is { } next)
        {
            next.Previous = undo.Previous;
        }

        undo.Next = null;
        undo.Previous = null;
        undo.IsDead = true;
    }
}
