using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;
using CosmosKernel.Processes.Futexes;

namespace CosmosKernel.Syscalls.Futexes;

/// <summary>futex_wake(2), since Linux 6.7.</summary>
[SystemCall(454, "futex_wake", Support.All)]
internal sealed class FutexWake : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        ulong address = registers.Rdi;
        int count = (int)registers.Rdx;
        uint flags = (uint)registers.R10;
        if (!FutexCalls2.AreValid(flags) || registers.Rsi is 0 or > uint.MaxValue)
        {
            return -(long)Errno.EINVAL;
        }

        Errno found = Futex.TryGetKey(thread, address, (flags & FutexConstants.Private2) != 0, out FutexKey key);

        // Unlike FUTEX_WAKE, none means none.
        return found != Errno.Ok ? -(long)found : count == 0 ? 0 : Futex.Wake(key, count, (uint)registers.Rsi);
    }
}

/// <summary>futex_wait(2), since Linux 6.7.</summary>
[SystemCall(455, "futex_wait", Support.All)]
internal sealed class FutexWait : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        ulong address = registers.Rdi;
        ulong expected = registers.Rsi;
        ulong bits = registers.Rdx;
        uint flags = (uint)registers.R10;
        if (!FutexCalls2.AreValid(flags) || expected > uint.MaxValue || bits > uint.MaxValue)
        {
            return -(long)Errno.EINVAL;
        }

        long? end = null;
        var clock = (ClockId)(int)registers.R9;
        if (registers.R8 != 0)
        {
            if (clock is not (ClockId.Monotonic or ClockId.Realtime))
            {
                return -(long)Errno.EINVAL;
            }

            if (!new UserPointer<Timespec>(registers.R8).TryRead(out Timespec time))
            {
                return -(long)Errno.EFAULT;
            }

            if (!time.IsValid)
            {
                return -(long)Errno.EINVAL;
            }

            end = time.ToNanoseconds();
        }

        if (bits == 0)
        {
            return -(long)Errno.EINVAL;
        }

        Errno found = Futex.TryGetKey(thread, address, (flags & FutexConstants.Private2) != 0, out FutexKey key);
        if (found != Errno.Ok)
        {
            return -(long)found;
        }

        // The end is a moment, not a duration: after a signal the call simply begins anew.
        WaitClock.Set(thread, end, clock == ClockId.Realtime);
        long result = Futex.Wait(thread.Futex, address, key, (uint)expected, (uint)bits);
        thread.Deadline.Clear();
        return result;
    }
}

/// <summary>futex_requeue(2), since Linux 6.7.</summary>
[SystemCall(456, "futex_requeue", Support.All)]
internal sealed class FutexRequeue : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int wake = (int)registers.Rdx;
        int requeue = (int)registers.R10;
        if ((uint)registers.Rsi != 0 || registers.Rdi == 0)
        {
            return -(long)Errno.EINVAL;
        }

        Errno read = FutexWaitVector.TryRead(thread, registers.Rdi, out FutexWaitTarget from);
        read = read == Errno.Ok ? FutexWaitVector.TryRead(thread, registers.Rdi + FutexWaitVector.EntryBytes, out FutexWaitTarget to) : FutexCalls2.Failed(read, out to);
        if (read == Errno.Ok && (wake < 0 || requeue < 0))
        {
            read = Errno.EINVAL;
        }

        return read == Errno.Ok ? Futex.Requeue(from.Address, from.Key, to.Key, from.Expected, wake, requeue) : -(long)read;
    }
}

/// <summary>What these calls have in common.</summary>
internal static class FutexCalls2
{
    /// <summary>The flags are those of a word of 32 bits, private or not (FUTEX2_SIZE_U32, FUTEX2_PRIVATE).</summary>
    public static bool AreValid(uint flags) => (flags & ~FutexConstants.Private2) == FutexConstants.Size32;

    /// <summary>An error, and nothing.</summary>
    public static Errno Failed(Errno error, out FutexWaitTarget target)
    {
        target = default;
        return error;
    }
}
