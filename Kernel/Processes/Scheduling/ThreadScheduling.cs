using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Processes;

/// <summary>Who may change how a thread is scheduled, and the change (sched(7)). Task context.</summary>
public static class ThreadScheduling
{
    private const int NiceLimitOrigin = 20;

    /// <summary>The caller may change the scheduling of the thread at all: the effective user is the thread's real or effective one, or CAP_SYS_NICE.</summary>
    public static bool MayChange(UserThread target)
    {
        Credentials mine = Credentials.Current;
        Credentials theirs = CredentialsOf(target);
        return mine.EffectiveUserId == theirs.EffectiveUserId || mine.EffectiveUserId == theirs.UserId || mine.Has(Capability.SysNice);
    }

    /// <summary>The caller may give the thread this nice value: it is no lower than now, or RLIMIT_NICE allows it, or CAP_SYS_NICE.</summary>
    public static bool MaySetNice(UserThread target, int nice) => nice >= target.Task.Nice || IsNiceAllowed(target, nice);

    /// <summary>Changes policy and parameters (sched_setattr(2)).</summary>
    /// <param name="target">Whose.</param>
    /// <param name="wanted">The new ones.</param>
    /// <returns>Ok; EINVAL: they contradict each other or the policy; EPERM; EBUSY: no CPU has enough time left for the deadline.</returns>
    public static Errno Set(UserThread target, in SchedulingParameters wanted)
    {
        if (!IsValid(wanted))
        {
            return Errno.EINVAL;
        }

        SchedulingParameters now = target.Task.GetScheduling();
        if (!Credentials.Current.Has(Capability.SysNice) && (!MayChange(target) || !IsAllowed(target, now, wanted)))
        {
            return Errno.EPERM;
        }

        try
        {
            target.Task.SetScheduling(wanted);
            return Errno.Ok;
        }
        catch (SchedulingRefusedException)
        {
            return Errno.EBUSY;
        }
    }

    /// <summary>The credentials of a thread.</summary>
    public static Credentials CredentialsOf(UserThread thread) => thread.Task.Credentials as Credentials ?? Credentials.Root;

    private static bool IsValid(in SchedulingParameters wanted)
    {
        if (wanted.Policy == SchedulingPolicy.Deadline)
        {
            ulong period = wanted.EffectivePeriod;
            return wanted.RealTimePriority == 0
                && wanted.Runtime >= SchedulingParameters.ShortestRuntime && wanted.Runtime <= wanted.Deadline && wanted.Deadline <= period
                && period is >= SchedulingParameters.ShortestPeriod and <= SchedulingParameters.LongestPeriod;
        }

        if (wanted.Policy.IsRealTime())
        {
            return wanted.RealTimePriority is >= SchedulingParameters.LowestRealTime and <= SchedulingParameters.HighestRealTime;
        }

        return wanted.Policy.IsFair() && wanted.RealTimePriority == 0;
    }

    // What one may do to one's own threads without CAP_SYS_NICE.
    private static bool IsAllowed(UserThread target, in SchedulingParameters now, in SchedulingParameters wanted)
    {
        if (wanted.Policy == SchedulingPolicy.Deadline || (now.ResetOnFork && !wanted.ResetOnFork))
        {
            return false;
        }

        if (wanted.Policy.IsRealTime())
        {
            ulong limit = target.Process.Limits.Current(ResourceLimit.RLIMIT_RTPRIO);
            return (wanted.Policy == now.Policy || limit != 0) && (wanted.RealTimePriority <= now.RealTimePriority || (ulong)wanted.RealTimePriority <= limit);
        }

        // The idle policy counts as less than any nice value.
        bool rises = wanted.Nice < now.Nice || (now.Policy == SchedulingPolicy.Idle && wanted.Policy != SchedulingPolicy.Idle);
        return !rises || IsNiceAllowed(target, wanted.Nice);
    }

    private static bool IsNiceAllowed(UserThread target, int nice) =>
        (ulong)Math.Max(NiceLimitOrigin - nice, 0) <= target.Process.Limits.Current(ResourceLimit.RLIMIT_NICE) || Credentials.Current.Has(Capability.SysNice);
}
