using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Processes;

/// <summary>getrlimit(2).</summary>
[SystemCall(97, "getrlimit", Support.All)]
internal sealed class GetRlimit : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if ((uint)registers.Rdi >= ResourceLimit.RLIM_NLIMITS)
        {
            return -(long)Errno.EINVAL;
        }

        ResourceLimitPair pair = thread.Process.Limits.Get((int)registers.Rdi);
        return new UserPointer<ResourceLimitPair>(registers.Rsi).TryWrite(pair) ? 0 : -(long)Errno.EFAULT;
    }
}

/// <summary>setrlimit(2).</summary>
[SystemCall(160, "setrlimit", Support.Some, "RLIMIT_CORE is kept, and no core is ever written; RLIMIT_RSS and RLIMIT_LOCKS are kept and mean nothing, as on Linux.")]
internal sealed class SetRlimit : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) =>
        new UserPointer<ResourceLimitPair>(registers.Rsi).TryRead(out ResourceLimitPair pair)
            ? -(long)LimitRules.Set(thread, thread.Process, (uint)registers.Rdi, pair)
            : -(long)Errno.EFAULT;
}

/// <summary>prlimit64(2).</summary>
[SystemCall(302, "prlimit64", Support.Some, "RLIMIT_CORE is kept, and no core is ever written; RLIMIT_RSS and RLIMIT_LOCKS are kept and mean nothing, as on Linux.")]
internal sealed class Prlimit : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        uint resource = (uint)registers.Rsi;
        if (resource >= ResourceLimit.RLIM_NLIMITS)
        {
            return -(long)Errno.EINVAL;
        }

        ResourceLimitPair wanted = default;
        if (registers.Rdx != 0 && !new UserPointer<ResourceLimitPair>(registers.Rdx).TryRead(out wanted))
        {
            return -(long)Errno.EFAULT;
        }

        Process? process = registers.Rdi == 0 ? thread.Process : ProcessTable.FindOf((int)registers.Rdi);
        if (process is null)
        {
            return -(long)Errno.ESRCH;
        }

        if (!LimitRules.MayTouch(thread, process))
        {
            return -(long)Errno.EPERM;
        }

        ResourceLimitPair old = process.Limits.Get((int)resource);
        if (registers.Rdx != 0)
        {
            Errno error = LimitRules.Set(thread, process, resource, wanted);
            if (error != Errno.Ok)
            {
                return -(long)error;
            }
        }

        return registers.R10 == 0 || new UserPointer<ResourceLimitPair>(registers.R10).TryWrite(old) ? 0 : -(long)Errno.EFAULT;
    }
}

/// <summary>getrusage(2).</summary>
[SystemCall(98, "getrusage", Support.All)]
internal sealed class GetRusage : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        ProcessUsage usage;
        switch ((int)registers.Rdi)
        {
            case ResourceUsage.RUSAGE_SELF:
                thread.Process.NoteMemory(thread.Memory);
                usage = thread.Process.ReadUsage();
                break;
            case ResourceUsage.RUSAGE_CHILDREN:
                usage = thread.Process.ReadChildrenUsage();
                break;
            case ResourceUsage.RUSAGE_THREAD:
                thread.Process.NoteMemory(thread.Memory);
                usage = thread.ReadUsage() with { MaximumResident = thread.Process.ReadUsage().MaximumResident };
                break;
            default:
                return -(long)Errno.EINVAL;
        }

        return new UserPointer<ResourceUsage>(registers.Rsi).TryWrite(usage.ToAbi()) ? 0 : -(long)Errno.EFAULT;
    }
}

/// <summary>times(2).</summary>
[SystemCall(100, "times", Support.All)]
internal sealed class Times : SystemCall
{
    private const ulong NanosecondsPerTick = 10_000_000;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        ulong to = registers.Rdi;
        if (to != 0)
        {
            ProcessUsage own = thread.Process.ReadUsage();
            ProcessUsage children = thread.Process.ReadChildrenUsage();
            if (!UserMemory.TryWrite(to, own.UserTicks) || !UserMemory.TryWrite(to + 8, own.SystemTicks)
                || !UserMemory.TryWrite(to + 16, children.UserTicks) || !UserMemory.TryWrite(to + 24, children.SystemTicks))
            {
                return -(long)Errno.EFAULT;
            }
        }

        return (long)(Clock.MonotonicNanoseconds / NanosecondsPerTick);
    }
}
