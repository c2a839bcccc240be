using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Users;

namespace CosmosKernel.Processes;

/// <summary>Who may read and change whose limits (prlimit(2)).</summary>
public static class LimitRules
{
    /// <summary>The caller may read and change the limits of the process: its own, or those of a process whose ids all are the caller's.</summary>
    public static bool MayTouch(UserThread caller, Process process)
    {
        if (ReferenceEquals(caller.Process, process) || process.Leader is not { } target)
        {
            return true;
        }

        Credentials mine = caller.Credentials;
        Credentials theirs = target.Credentials;
        return mine.Has(Capability.SysResource)
            || (mine.UserId == theirs.UserId && mine.UserId == theirs.EffectiveUserId && mine.UserId == theirs.SavedUserId
                && mine.GroupId == theirs.GroupId && mine.GroupId == theirs.EffectiveGroupId && mine.GroupId == theirs.SavedGroupId);
    }

    /// <summary>Sets a limit.</summary>
    /// <returns>EINVAL: unknown, or soft above hard. EPERM: the hard limit would be raised, or descriptors beyond what a table can have.</returns>
    public static Errno Set(UserThread caller, Process process, uint resource, in ResourceLimitPair limit)
    {
        if (resource >= ResourceLimit.RLIM_NLIMITS || limit.Current > limit.Maximum)
        {
            return Errno.EINVAL;
        }

        if (resource == ResourceLimit.RLIMIT_NOFILE && limit.Maximum > FileTable.Maximum)
        {
            return Errno.EPERM;
        }

        Errno result = process.Limits.Set((int)resource, limit, caller.Credentials.Has(Capability.SysResource));
        if (result == Errno.Ok && resource is ResourceLimit.RLIMIT_CPU or ResourceLimit.RLIMIT_RTTIME)
        {
            process.WatchTimeLimits();
        }

        return result;
    }
}
