using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;
using CosmosKernel.Processes.Futexes;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Syscalls.Futexes;

/// <summary>futex(2).</summary>
[SystemCall(202, "futex", Support.All)]
internal sealed class FutexCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        ulong address = registers.Rdi;
        int encoded = (int)registers.Rsi;
        uint value = (uint)registers.Rdx;
        var flags = (FutexFlags)encoded & (FutexFlags.Private | FutexFlags.ClockRealtime);
        var operation = (FutexOperation)(encoded & ~(int)flags);
        bool isPrivate = (flags & FutexFlags.Private) != 0;
        bool isRealtime = (flags & FutexFlags.ClockRealtime) != 0;
        if (isRealtime && operation is not (FutexOperation.Wait or FutexOperation.WaitBitset or FutexOperation.WaitRequeueInheriting or FutexOperation.LockInheritingMonotonic))
        {
            return -(long)Errno.ENOSYS;
        }

        switch (operation)
        {
            case FutexOperation.Wake:
                return Wake(thread, address, isPrivate, (int)value, FutexConstants.AnyBit);
            case FutexOperation.WakeBitset:
                return Wake(thread, address, isPrivate, (int)value, (uint)registers.R9);
            case FutexOperation.Wait:
            case FutexOperation.WaitBitset:
            case FutexOperation.LockInheriting:
            case FutexOperation.LockInheritingMonotonic:
            case FutexOperation.WaitRequeueInheriting:
                return Wait(thread, ref registers, operation, isPrivate, isRealtime || operation == FutexOperation.LockInheriting);
            case FutexOperation.TryLockInheriting:
                return TryLock(thread, address, isPrivate);
            case FutexOperation.UnlockInheriting:
                return Unlock(thread, address, isPrivate);
            case FutexOperation.Requeue:
            case FutexOperation.CompareRequeue:
            case FutexOperation.CompareRequeueInheriting:
            case FutexOperation.WakeOperation:
                return OnTwo(thread, ref registers, operation, isPrivate);
            default:
                return -(long)Errno.ENOSYS;
        }
    }

    [MightSleep]
    private static long Wake(UserThread thread, [UserAddress] ulong address, bool isPrivate, int count, uint bits)
    {
        if (bits == 0)
        {
            return -(long)Errno.EINVAL;
        }

        Errno found = Futex.TryGetKey(thread, address, isPrivate, out FutexKey key);
        return found == Errno.Ok ? Futex.Wake(key, count, bits) : -(long)found;
    }

    [MightSleep]
    private static long TryLock(UserThread thread, [UserAddress] ulong address, bool isPrivate)
    {
        Errno found = Futex.TryGetKey(thread, address, isPrivate, out FutexKey key);
        return found == Errno.Ok ? Futex.LockInheriting(thread.Futex, address, key, mayWait: false) : -(long)found;
    }

    [MightSleep]
    private static long Unlock(UserThread thread, [UserAddress] ulong address, bool isPrivate)
    {
        // Who does not own it learns that first.
        if (!UserMemory.TryRead(address, out uint word))
        {
            return -(long)(address % sizeof(uint) != 0 ? Errno.EINVAL : Errno.EFAULT);
        }

        if ((word & FutexConstants.OwnerMask) != (uint)thread.Id)
        {
            return -(long)Errno.EPERM;
        }

        Errno found = Futex.TryGetKey(thread, address, isPrivate, out FutexKey key);
        return found == Errno.Ok ? Futex.UnlockInheriting(thread.Futex, address, key) : -(long)found;
    }

    [MightSleep]
    private static long Wait(UserThread thread, ref UserRegisters registers, FutexOperation operation, bool isPrivate, bool isRealtime)
    {
        ulong address = registers.Rdi;
        uint bits = operation == FutexOperation.Wait ? FutexConstants.AnyBit : (uint)registers.R9;
        if (bits == 0 && operation == FutexOperation.WaitBitset)
        {
            return -(long)Errno.EINVAL;
        }

        long? end = null;
        if (registers.R10 != 0)
        {
            if (!new UserPointer<Timespec>(registers.R10).TryRead(out Timespec time))
            {
                return -(long)Errno.EFAULT;
            }

            if (!time.IsValid)
            {
                return -(long)Errno.EINVAL;
            }

            end = time.ToNanoseconds();
            if (operation == FutexOperation.Wait)
            {
                // The one relative timeout; FUTEX_CLOCK_REALTIME makes no difference to it.
                isRealtime = false;
                end = WaitClock.After(end.Value);
            }
        }

        Errno found = Futex.TryGetKey(thread, address, isPrivate, out FutexKey key);
        if (found != Errno.Ok)
        {
            return -(long)found;
        }

        if (operation is FutexOperation.Wait or FutexOperation.WaitBitset)
        {
            return FutexRestart.Wait(thread, address, key, (uint)registers.Rdx, bits, end, isRealtime);
        }

        if (operation == FutexOperation.WaitRequeueInheriting)
        {
            found = Futex.TryGetKey(thread, registers.R8, isPrivate, out FutexKey lockKey);
            if (found != Errno.Ok)
            {
                return -(long)found;
            }

            WaitClock.Set(thread, end, isRealtime);
            long moved = Futex.WaitRequeue(thread.Futex, address, key, (uint)registers.Rdx, registers.R8, lockKey);
            thread.Deadline.Clear();
            return moved;
        }

        WaitClock.Set(thread, end, isRealtime);
        long result = Futex.LockInheriting(thread.Futex, address, key, mayWait: true);
        thread.Deadline.Clear();
        return result;
    }

    [MightSleep]
    private static long OnTwo(UserThread thread, ref UserRegisters registers, FutexOperation operation, bool isPrivate)
    {
        int first = (int)registers.Rdx;
        int second = (int)registers.R10;
        ulong address = registers.Rdi;
        ulong other = registers.R8;
        FutexWakeOperation change = default;
        if (operation == FutexOperation.WakeOperation)
        {
            Errno decoded = FutexWakeOperation.TryDecode((uint)registers.R9, out change);
            if (decoded != Errno.Ok)
            {
                return -(long)decoded;
            }
        }
        else if (first < 0 || second < 0 || (operation == FutexOperation.CompareRequeueInheriting && first != 1))
        {
            return -(long)Errno.EINVAL;
        }

        Errno found = Futex.TryGetKey(thread, address, isPrivate, out FutexKey key);
        found = found == Errno.Ok ? Futex.TryGetKey(thread, other, isPrivate, out FutexKey otherKey) : FailedKey(found, out otherKey);
        if (found != Errno.Ok)
        {
            return -(long)found;
        }

        return operation switch
        {
            FutexOperation.WakeOperation => Futex.WakeOperation(key, other, otherKey, first, second, change),
            FutexOperation.CompareRequeueInheriting => Futex.RequeueInheriting(thread.Futex, address, key, (uint)registers.R9, other, otherKey, second),
            _ => Futex.Requeue(address, key, otherKey, operation == FutexOperation.Requeue ? null : (uint)registers.R9, first, second),
        };
    }

    private static Errno FailedKey(Errno error, out FutexKey key)
    {
        key = default;
        return error;
    }
}
