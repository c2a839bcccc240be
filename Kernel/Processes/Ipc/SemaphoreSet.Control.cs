using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Ipc;

// semctl(2).
internal sealed partial class SemaphoreSet
{
    private const uint ReadAccess = 0x124;
    private const uint WriteAccess = 0x92;

    /// <summary>IPC_RMID: all that wait get EIDRM, and nothing is taken back any more. Task context.</summary>
    /// <returns>EPERM; EIDRM.</returns>
    [MightSleep]
    public Errno Remove(Credentials who)
    {
        SemaphoreUndo? undos;
        using (Lock.Enter())
        {
            if (IsRemoved)
            {
                return Errno.EIDRM;
            }

            if (!IsOwnedBy(who) && !who.Has(Capability.SysAdmin))
            {
                return Errno.EPERM;
            }

            IsRemoved = true;
            while (_first is { } waiter)
            {
                Complete(waiter, -(int)Errno.EIDRM);
            }

            undos = _undos;
            _undos = null;
            for (SemaphoreUndo? undo = undos; undo is not null; undo = undo.Next)
            {
                undo.IsDead = true;
            }
        }

        // Nobody else touches what is dead.
        ForgetAll(undos);
        return Errno.Ok;
    }

    /// <summary>IPC_SET.</summary>
    /// <returns>EPERM; EIDRM; EINVAL.</returns>
    [NoAllocation]
    public Errno Set(Credentials who, in IpcPermission permission)
    {
        using (Lock.Enter())
        {
            return IsRemoved ? Errno.EIDRM : !IsOwnedBy(who) && !who.Has(Capability.SysAdmin) ? Errno.EPERM : SetPermission(permission);
        }
    }

    /// <summary>IPC_STAT, SEM_STAT, SEM_STAT_ANY, and /proc/sysvipc/sem.</summary>
    /// <param name="who">Whose rights count; null: nobody's.</param>
    /// <param name="description">The description.</param>
    /// <returns>EACCES; EIDRM.</returns>
    [NoAllocation]
    public Errno Describe(Credentials? who, out SemaphoreSetDescription description)
    {
        description = default;
        using (Lock.Enter())
        {
            if (who is not null && !IsAllowed(who, ReadAccess))
            {
                return Errno.EACCES;
            }

            if (IsRemoved)
            {
                return Errno.EIDRM;
            }

            description.Permission = DescribePermission();
            description.OperationTime = _operationTime;
            description.ChangeTime = ChangeTime;
            description.Count = (ulong)Count;
            return Errno.Ok;
        }
    }

    /// <summary>GETVAL, GETPID, GETNCNT, GETZCNT.</summary>
    /// <returns>The number; -EACCES; -EINVAL: there is no such semaphore; -EIDRM.</returns>
    [NoAllocation]
    public long Get(Credentials who, int number, int command)
    {
        using (Lock.Enter())
        {
            if (!IsAllowed(who, ReadAccess))
            {
                return -(long)Errno.EACCES;
            }

            if ((uint)number >= (uint)Count)
            {
                return -(long)Errno.EINVAL;
            }

            if (IsRemoved)
            {
                return -(long)Errno.EIDRM;
            }

            return command switch
            {
                SemaphoreConstants.GETVAL => _semaphores[number].Value,
                SemaphoreConstants.GETPID => _semaphores[number].LastId,
                _ => CountWaiters(number, command == SemaphoreConstants.GETZCNT),
            };
        }
    }

    /// <summary>GETALL.</summary>
    /// <param name="who">Whose rights count.</param>
    /// <param name="values">As many as there are semaphores.</param>
    /// <returns>EACCES; EIDRM.</returns>
    [NoAllocation]
    public Errno GetAll(Credentials who, Span<ushort> values)
    {
        using (Lock.Enter())
        {
            if (!IsAllowed(who, ReadAccess))
            {
                return Errno.EACCES;
            }

            if (IsRemoved)
            {
                return Errno.EIDRM;
            }

            for (int i = 0; i < values.Length; i++)
            {
                values[i] = (ushort)_semaphores[i].Value;
            }

            return Errno.Ok;
        }
    }

    /// <summary>SETVAL: nothing of what was done to the semaphore is taken back any more.</summary>
    /// <returns>EACCES; EINVAL: there is no such semaphore; EIDRM.</returns>
    [NoAllocation]
    public Errno SetValue(Credentials who, int number, int value, int processId)
    {
        using (Lock.Enter())
        {
            if ((uint)number >= (uint)Count)
            {
                return Errno.EINVAL;
            }

            if (!IsAllowed(who, WriteAccess))
            {
                return Errno.EACCES;
            }

            if (IsRemoved)
            {
                return Errno.EIDRM;
            }

            for (SemaphoreUndo? undo = _undos; undo is not null; undo = undo.Next)
            {
                undo.Adjustments[number] = 0;
            }

            _semaphores[number].Value = value;
            _semaphores[number].LastId = processId;
            ChangeTime = Now;
            ServeAll();
            return Errno.Ok;
        }
    }

    /// <summary>SETALL: nothing of what was done to the set is taken back any more.</summary>
    /// <returns>EACCES; EIDRM.</returns>
    [NoAllocation]
    public Errno SetAll(Credentials who, ReadOnlySpan<ushort> values, int processId)
    {
        using (Lock.Enter())
        {
            if (!IsAllowed(who, WriteAccess))
            {
                return Errno.EACCES;
            }

            if (IsRemoved)
            {
                return Errno.EIDRM;
            }

            for (int i = 0; i < values.Length; i++)
            {
                _semaphores[i].Value = values[i];
                _semaphores[i].LastId = processId;
            }

            for (SemaphoreUndo? undo = _undos; undo is not null; undo = undo.Next)
            {
                undo.Adjustments.AsSpan().Clear();
            }

            ChangeTime = Now;
            ServeAll();
            return Errno.Ok;
        }
    }

    [MightSleep]
    private void ForgetAll(SemaphoreUndo? undos)
    {
        while (undos is { } undo)
        {
            undos = undo.Next;
            undo.List.Forget(this);
        }
    }

    [RequiresLock(typeof(IpcObject), nameof(Lock))]
    [NoAllocation]
    private int CountWaiters(int number, bool forZero)
    {
        int count = 0;
        for (SemaphoreWaiter? waiter = _first; waiter is not null; waiter = waiter.Next)
        {
            SemaphoreOperation operation = waiter.Operations[waiter.Blocking];
            count += operation.Number == number && (operation.Change == 0) == forZero ? 1 : 0;
        }

        return count;
    }
}
