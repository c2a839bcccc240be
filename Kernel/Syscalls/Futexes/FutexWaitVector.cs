using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;
using CosmosKernel.Processes.Futexes;

namespace CosmosKernel.Syscalls.Futexes;

/// <summary>futex_waitv(2).</summary>
[SystemCall(449, "futex_waitv", Support.All)]
internal sealed class FutexWaitVector : SystemCall
{
    internal const ulong EntryBytes = 24;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        uint count = (uint)registers.Rsi;
        if ((uint)registers.Rdx != 0 || count is 0 or > FutexConstants.MostWaited || registers.Rdi == 0)
        {
            return -(long)Errno.EINVAL;
        }

        long? end = null;
        var clock = (ClockId)(int)registers.R8;
        if (registers.R10 != 0)
        {
            if (clock is not (ClockId.Monotonic or ClockId.Realtime))
            {
                return -(long)Errno.EINVAL;
            }

            if (!new UserPointer<Timespec>(registers.R10).TryRead(out Timespec time))
            {
                return -(long)Errno.EFAULT;
            }

            if (!time.IsValid)
            {
                return -(long)Errno.EINVAL;
            }

            end = time.ToNanoseconds();
        }

        var targets = new FutexWaitTarget[count];
        for (uint i = 0; i < count; i++)
        {
            Errno read = TryRead(thread, registers.Rdi + (i * EntryBytes), out targets[i]);
            if (read != Errno.Ok)
            {
                return -(long)read;
            }
        }

        WaitClock.Set(thread, end, clock == ClockId.Realtime);
        long result = Futex.WaitAny(thread.Futex, targets);
        thread.Deadline.Clear();
        return result;
    }

    // struct futex_waitv: the value, the address, flags, reserved.
    [MightSleep]
    internal static Errno TryRead(UserThread thread, [UserAddress] ulong entry, out FutexWaitTarget target)
    {
        target = default;
        if (!UserMemory.TryRead(entry, out ulong expected) || !UserMemory.TryRead(entry + 8, out ulong address) || !UserMemory.TryRead(entry + 16, out ulong flags))
        {
            return Errno.EFAULT;
        }

        // The upper half is reserved and must be 0. A value has 32 bits.
        if ((flags & ~(ulong)FutexConstants.Private2) != FutexConstants.Size32 || expected > uint.MaxValue)
        {
            return Errno.EINVAL;
        }

        Errno found = Futex.TryGetKey(thread, address, (flags & FutexConstants.Private2) != 0, out FutexKey key);
        target = new FutexWaitTarget(address, key, (uint)expected);
        return found;
    }
}
