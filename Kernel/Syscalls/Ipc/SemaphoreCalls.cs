using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;
using CosmosKernel.Processes.Ipc;

namespace CosmosKernel.Syscalls.Ipc;

/// <summary>semget(2).</summary>
[SystemCall(64, "semget", Support.All)]
internal sealed class SemaphoreGet : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) =>
        Semaphores.Get(thread, (int)registers.Rdi, (int)registers.Rsi, (int)registers.Rdx);
}

/// <summary>semop(2).</summary>
[SystemCall(65, "semop", Support.All)]
internal sealed class SemaphoreOperate : SystemCall
{
    // So many operations need no memory of the heap.
    private const int Few = 32;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => Operate(thread, (int)registers.Rdi, registers.Rsi, (uint)registers.Rdx, null);

    /// <summary>Does operations.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="id">The set.</param>
    /// <param name="address">The operations.</param>
    /// <param name="count">How many.</param>
    /// <param name="timeout">How long it waits; null: for ever.</param>
    [MightSleep]
    public static long Operate(UserThread thread, int id, [UserAddress] ulong address, uint count, Timespec? timeout)
    {
        if (count > (uint)Math.Max(IpcLimits.Operations, 0))
        {
            return -(long)Errno.E2BIG;
        }

        if (count == 0)
        {
            return -(long)Errno.EINVAL;
        }

        Span<SemaphoreOperation> operations = count <= Few ? stackalloc SemaphoreOperation[Few] : new SemaphoreOperation[count];
        operations = operations[..(int)count];
        if (!new UserPointer<SemaphoreOperation>(address).TryReadArray(operations))
        {
            return -(long)Errno.EFAULT;
        }

        if (id < 0 || timeout is { IsValid: false })
        {
            return -(long)Errno.EINVAL;
        }

        WaitClock.Set(thread, timeout is { } time ? WaitClock.After(time.ToNanoseconds()) : null, isRealtime: false);
        try
        {
            return Semaphores.Operate(thread, id, operations);
        }
        finally
        {
            thread.Deadline.Clear();
        }
    }
}

/// <summary>semtimedop(2).</summary>
[SystemCall(220, "semtimedop", Support.All)]
internal sealed class SemaphoreTimedOperate : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Timespec? timeout = null;
        if (registers.R10 != 0)
        {
            if (!new UserPointer<Timespec>(registers.R10).TryRead(out Timespec time))
            {
                return -(long)Errno.EFAULT;
            }

            timeout = time;
        }

        return SemaphoreOperate.Operate(thread, (int)registers.Rdi, registers.Rsi, (uint)registers.Rdx, timeout);
    }
}

/// <summary>semctl(2).</summary>
[SystemCall(66, "semctl", Support.All)]
internal sealed class SemaphoreControl : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int id = (int)registers.Rdi;
        int number = (int)registers.Rsi;
        int command = (int)registers.Rdx;
        ulong argument = registers.R10;
        if (id < 0)
        {
            return -(long)Errno.EINVAL;
        }

        switch (command)
        {
            case IpcConstants.IPC_INFO:
            case SemaphoreConstants.SEM_INFO:
                return WriteInformation(argument, command == SemaphoreConstants.SEM_INFO);
            case IpcConstants.IPC_STAT:
            case SemaphoreConstants.SEM_STAT:
            case SemaphoreConstants.SEM_STAT_ANY:
                long found = Semaphores.Describe(
                    command == SemaphoreConstants.SEM_STAT_ANY ? null : thread.Credentials, id, command != IpcConstants.IPC_STAT, out SemaphoreSetDescription description);
                return found >= 0 && !new UserPointer<SemaphoreSetDescription>(argument).TryWrite(description) ? -(long)Errno.EFAULT : found;
            case SemaphoreConstants.GETVAL:
            case SemaphoreConstants.GETPID:
            case SemaphoreConstants.GETNCNT:
            case SemaphoreConstants.GETZCNT:
                return Semaphores.Read(thread, id, number, command);
            case SemaphoreConstants.GETALL:
                return ReadAll(thread, id, argument);
            case SemaphoreConstants.SETVAL:
                return Semaphores.SetValue(thread, id, number, (int)argument);
            case SemaphoreConstants.SETALL:
                return SetAll(thread, id, argument);
            case IpcConstants.IPC_SET:
                return new UserPointer<SemaphoreSetDescription>(argument).TryRead(out SemaphoreSetDescription wanted)
                    ? Semaphores.Set(thread, id, wanted.Permission)
                    : -(long)Errno.EFAULT;
            case IpcConstants.IPC_RMID:
                return Semaphores.Remove(thread, id);
            default:
                return -(long)Errno.EINVAL;
        }
    }

    [MightSleep]
    private static long ReadAll(UserThread thread, int id, [UserAddress] ulong address)
    {
        long result = Semaphores.ReadAll(thread, id, out ushort[] values);
        return result == 0 && !new UserPointer<ushort>(address).TryWriteArray(values) ? -(long)Errno.EFAULT : result;
    }

    [MightSleep]
    private static long SetAll(UserThread thread, int id, [UserAddress] ulong address)
    {
        long count = Semaphores.CountForWrite(thread, id);
        if (count < 0)
        {
            return count;
        }

        ushort[] values = new ushort[count];
        return new UserPointer<ushort>(address).TryReadArray(values) ? Semaphores.SetAll(thread, id, values) : -(long)Errno.EFAULT;
    }

    [MightSleep]
    private static long WriteInformation([UserAddress] ulong address, bool isUse)
    {
        SemaphoreInformation information = new()
        {
            Map = SemaphoreConstants.MostUndoLists,
            MostSets = IpcLimits.Sets,
            MostSemaphores = IpcLimits.Semaphores,
            MostUndoLists = SemaphoreConstants.MostUndoLists,
            MostOfSet = IpcLimits.SemaphoresOfSet,
            MostOperations = IpcLimits.Operations,
            MostUndos = SemaphoreConstants.MostUndos,
            UndoBytesOrSets = isUse ? Semaphores.Sets : SemaphoreConstants.UndoBytes,
            MostValue = SemaphoreConstants.MostValue,
            MostAdjustmentOrSemaphores = isUse ? Semaphores.Count : SemaphoreConstants.MostValue,
        };
        return new UserPointer<SemaphoreInformation>(address).TryWrite(information) ? Semaphores.GreatestIndex : -(long)Errno.EFAULT;
    }
}
