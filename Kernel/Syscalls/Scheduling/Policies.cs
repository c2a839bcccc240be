using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Syscalls.Scheduling;

/// <summary>What the calls about policies have in common.</summary>
internal static class PolicyCalls
{
    /// <summary>The thread with this id; the caller for 0.</summary>
    public static Errno TryFind(UserThread caller, int id, out UserThread target)
    {
        target = id == 0 ? caller : id < 0 ? null! : ProcessTable.FindThread(id)!;
        return id < 0 ? Errno.EINVAL : target is null ? Errno.ESRCH : Errno.Ok;
    }

    /// <summary>There is such a policy in the interface.</summary>
    public static bool IsKnown(int policy) => policy is SchedulingConstants.Other or SchedulingConstants.Fifo or SchedulingConstants.RoundRobin
        or SchedulingConstants.Batch or SchedulingConstants.Idle or SchedulingConstants.Deadline;

    /// <summary>What a thread has, with another policy; what the policy does not use is cleared.</summary>
    public static SchedulingParameters With(in SchedulingParameters now, SchedulingPolicy policy, int priority, bool resetOnFork) => new()
    {
        Policy = policy,
        RealTimePriority = priority,
        Nice = now.Nice,
        LatencyNice = now.LatencyNice,
        Slice = policy.IsFair() ? now.Slice : 0,
        ResetOnFork = resetOnFork,
    };

    /// <summary>The policy's number; a module's class shows as the ordinary policy.</summary>
    public static int NumberOf(in SchedulingParameters parameters) => (int)parameters.Policy <= SchedulingConstants.Deadline ? (int)parameters.Policy : SchedulingConstants.Other;
}

/// <summary>sched_setscheduler(2).</summary>
[SystemCall(144, "sched_setscheduler", Support.All)]
internal sealed class SetScheduler : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int policy = (int)registers.Rsi;
        if (policy < 0)
        {
            return -(long)Errno.EINVAL;
        }

        bool reset = (policy & SchedulingConstants.ResetOnFork) != 0;
        return Set(thread, (int)registers.Rdi, policy & ~SchedulingConstants.ResetOnFork, reset, registers.Rdx);
    }

    /// <summary>Sets the policy, or keeps it when it is -1.</summary>
    [MightSleep]
    public static long Set(UserThread caller, int id, int policy, bool resetOnFork, [UserAddress] ulong parameter)
    {
        if (parameter == 0 || id < 0)
        {
            return -(long)Errno.EINVAL;
        }

        if (!UserMemory.TryRead(parameter, out uint priority))
        {
            return -(long)Errno.EFAULT;
        }

        Errno found = PolicyCalls.TryFind(caller, id, out UserThread target);
        if (found != Errno.Ok)
        {
            return -(long)found;
        }

        SchedulingParameters now = target.Task.GetScheduling();
        bool keep = policy == -1;
        if (keep)
        {
            policy = PolicyCalls.NumberOf(now);
            resetOnFork = now.ResetOnFork;
        }

        // The deadline policy needs more than a priority.
        if (!PolicyCalls.IsKnown(policy) || policy == SchedulingConstants.Deadline)
        {
            return -(long)Errno.EINVAL;
        }

        return -(long)ThreadScheduling.Set(target, PolicyCalls.With(now, (SchedulingPolicy)policy, (int)priority, resetOnFork));
    }
}

/// <summary>sched_setparam(2).</summary>
[SystemCall(142, "sched_setparam", Support.All)]
internal sealed class SetParameters : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => SetScheduler.Set(thread, (int)registers.Rdi, -1, false, registers.Rsi);
}

/// <summary>sched_getscheduler(2).</summary>
[SystemCall(145, "sched_getscheduler", Support.All)]
internal sealed class GetScheduler : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno found = PolicyCalls.TryFind(thread, (int)registers.Rdi, out UserThread target);
        if (found != Errno.Ok)
        {
            return -(long)found;
        }

        SchedulingParameters now = target.Task.GetScheduling();
        return PolicyCalls.NumberOf(now) | (now.ResetOnFork ? SchedulingConstants.ResetOnFork : 0);
    }
}

/// <summary>sched_getparam(2).</summary>
[SystemCall(143, "sched_getparam", Support.All)]
internal sealed class GetParameters : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if (registers.Rsi == 0)
        {
            return -(long)Errno.EINVAL;
        }

        Errno found = PolicyCalls.TryFind(thread, (int)registers.Rdi, out UserThread target);
        if (found != Errno.Ok)
        {
            return -(long)found;
        }

        return UserMemory.TryWrite(registers.Rsi, (uint)target.Task.GetScheduling().RealTimePriority) ? 0 : -(long)Errno.EFAULT;
    }
}

/// <summary>sched_get_priority_max(2).</summary>
[SystemCall(146, "sched_get_priority_max", Support.All)]
internal sealed class GetHighestPriority : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => Range((int)registers.Rdi, SchedulingParameters.HighestRealTime);

    /// <summary>A limit of the real-time policies; 0 for the others.</summary>
    public static long Range(int policy, int limit)
    {
        if (!PolicyCalls.IsKnown(policy))
        {
            return -(long)Errno.EINVAL;
        }

        return policy is SchedulingConstants.Fifo or SchedulingConstants.RoundRobin ? limit : 0;
    }
}

/// <summary>sched_get_priority_min(2).</summary>
[SystemCall(147, "sched_get_priority_min", Support.All)]
internal sealed class GetLowestPriority : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => GetHighestPriority.Range((int)registers.Rdi, SchedulingParameters.LowestRealTime);
}

/// <summary>sched_rr_get_interval(2).</summary>
[SystemCall(148, "sched_rr_get_interval", Support.All)]
internal sealed class GetRoundRobinInterval : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno found = PolicyCalls.TryFind(thread, (int)registers.Rdi, out UserThread target);
        if (found != Errno.Ok)
        {
            return -(long)found;
        }

        SchedulingParameters now = target.Task.GetScheduling();
        ulong slice = now.Policy switch
        {
            SchedulingPolicy.RoundRobin => SchedulingLimits.RoundRobinSlice,
            SchedulingPolicy.Fifo or SchedulingPolicy.Deadline => 0,
            _ => now.Slice != 0 ? now.Slice : FairClass.DefaultSlice,
        };
        return new UserPointer<Timespec>(registers.Rsi).TryWrite(Timespec.FromNanoseconds((long)slice)) ? 0 : -(long)Errno.EFAULT;
    }
}

/// <summary>sched_yield(2).</summary>
[SystemCall(24, "sched_yield", Support.All)]
internal sealed class Yield : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Scheduler.Yield();
        return 0;
    }
}
