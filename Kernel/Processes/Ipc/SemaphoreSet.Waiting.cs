using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Processes.Ipc;

// Who waits: all of them in one list in the order in which they came; who waits for one semaphore alone also in a list of that one, so that a change looks only at those it may help.
internal sealed partial class SemaphoreSet
{
    [GuardedBy(typeof(IpcObject), nameof(Lock))]
    private SemaphoreWaiter? _first;

    [GuardedBy(typeof(IpcObject), nameof(Lock))]
    private SemaphoreWaiter? _last;

    // Waiters with more than one operation.
    [GuardedBy(typeof(IpcObject), nameof(Lock))]
    private int _manifold;

    [RequiresLock(typeof(IpcObject), nameof(Lock))]
    [NoAllocation]
    private void Enqueue(SemaphoreWaiter waiter)
    {
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
        if (!waiter.IsSimple)
        {
            _manifold++;
            return;
        }

        SemaphoreOperation operation = waiter.Operations[0];
        ref Semaphore semaphore = ref _semaphores[operation.Number];
        if (operation.Change == 0)
        {
            AddLast(ref semaphore.FirstZero, ref semaphore.LastZero, waiter);
        }
        else
        {
            AddLast(ref semaphore.FirstTaker, ref semaphore.LastTaker, waiter);
        }
    }

    [RequiresLock(typeof(IpcObject), nameof(Lock))]
    [NoAllocation]
    private void Unlink(SemaphoreWaiter waiter)
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
        if (!waiter.IsSimple)
        {
            _manifold--;
            return;
        }

        SemaphoreOperation operation = waiter.Operations[0];
        ref Semaphore semaphore = ref _semaphores[operation.Number];
        if (operation.Change == 0)
        {
            Remove(ref semaphore.FirstZero, ref semaphore.LastZero, waiter);
        }
        else
        {
            Remove(ref semaphore.FirstTaker, ref semaphore.LastTaker, waiter);
        }
    }

    [RequiresLock(typeof(IpcObject), nameof(Lock))]
    [NoAllocation]
    private static void AddLast(ref SemaphoreWaiter? first, ref SemaphoreWaiter? last, SemaphoreWaiter waiter)
    {
        waiter.PreviousOfSemaphore = last;
        if (last is not null)
        {
            last.NextOfSemaphore = waiter;
        }
        else
        {
            first = waiter;
        }

        last = waiter;
    }

    [RequiresLock(typeof(IpcObject), nameof(Lock))]
    [NoAllocation]
    private static void Remove(ref SemaphoreWaiter? first, ref SemaphoreWaiter? last, SemaphoreWaiter waiter)
    {
        if (waiter.PreviousOfSemaphore is { } previous)
        {
            previous.NextOfSemaphore = waiter.NextOfSemaphore;
        }
        else
        {
            first = waiter.NextOfSemaphore;
        }

        if (waiter.NextOfSemaphore is { } next)
        {
            next.PreviousOfSemaphore = waiter.PreviousOfSemaphore;
        }
        else
        {
            last = waiter.PreviousOfSemaphore;
        }

        waiter.NextOfSemaphore = null;
        waiter.PreviousOfSemaphore = null;
    }

    [RequiresLock(typeof(IpcObject), nameof(Lock))]
    [NoAllocation]
    private void Complete(SemaphoreWaiter waiter, int result)
    {
        Unlink(waiter);

        // From here on the waiting thread may go on, and the waiter is its own.
        var task = waiter.Task;
        waiter.Result = result;
        TaskSleep.Wake(task);
    }

    // Operations have changed values.
    [RequiresLock(typeof(IpcObject), nameof(Lock))]
    [NoAllocation]
    private void Serve(ReadOnlySpan<SemaphoreOperation> operations)
    {
        if (_first is null)
        {
            return;
        }

        if (_manifold > 0)
        {
            ServeAll();
            return;
        }

        foreach (SemaphoreOperation operation in operations)
        {
            if (operation.Change != 0)
            {
                ServeOne(ref _semaphores[operation.Number]);
            }
        }
    }

    // One value has changed, and everybody waits for one semaphore only: who takes from it, and then those that wait for zero.
    [RequiresLock(typeof(IpcObject), nameof(Lock))]
    [NoAllocation]
    private void ServeOne(ref Semaphore semaphore)
    {
        SemaphoreWaiter? waiter = semaphore.FirstTaker;
        while (waiter is not null && semaphore.Value > 0)
        {
            SemaphoreWaiter? next = waiter.NextOfSemaphore;
            Try(waiter);
            waiter = next;
        }

        while (semaphore.Value == 0 && semaphore.FirstZero is { } zero)
        {
            Try(zero);
        }
    }

    // Everybody is tried, and again from the first one when somebody has changed a value.
    [RequiresLock(typeof(IpcObject), nameof(Lock))]
    [NoAllocation]
    private void ServeAll()
    {
        SemaphoreWaiter? waiter = _first;
        while (waiter is not null)
        {
            SemaphoreWaiter? next = waiter.Next;
            bool alters = Alters(waiter.Operations);
            bool done = Try(waiter) == 0;
            waiter = done && alters ? _first : next;
        }
    }

    [RequiresLock(typeof(IpcObject), nameof(Lock))]
    [NoAllocation]
    private int Try(SemaphoreWaiter waiter)
    {
        int result = TryPerform(waiter.Operations, waiter.Undo, waiter.ProcessId, out int blocking);
        if (result == SemaphoreWaiter.Pending)
        {
            waiter.Blocking = blocking;
        }
        else
        {
            _operationTime = result == 0 ? Now : _operationTime;
            Complete(waiter, result);
        }

        return result;
    }
}
