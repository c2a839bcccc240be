using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Processes;
using CosmosKernel.Tasks;

namespace CosmosKernel.Syscalls.Scheduling;

/// <summary>getpriority(2). The system call gives 20 less the nice value, so that no result is negative.</summary>
[SystemCall(140, "getpriority", Support.All)]
internal sealed class GetPriority : SystemCall
{
    private const int Origin = 20;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if (!TryWalk(thread, (int)registers.Rdi, (int)registers.Rsi, out ThreadWalk walk))
        {
            return -(long)Errno.EINVAL;
        }

        long best = -(long)Errno.ESRCH;
        while (walk.MoveNext())
        {
            best = Math.Max(best, Origin - walk.Current!.Task.Nice);
        }

        return best;
    }

    /// <summary>The threads that a call names.</summary>
    /// <returns>False: EINVAL.</returns>
    public static bool TryWalk(UserThread caller, int which, int who, out ThreadWalk walk)
    {
        walk = which switch
        {
            SchedulingConstants.PriorityProcess => ThreadWalk.OfThread(caller, who),
            SchedulingConstants.PriorityGroup => ThreadWalk.OfGroup(caller, who),
            SchedulingConstants.PriorityUser => ThreadWalk.OfUser(who == 0 ? Credentials.Current.UserId : (uint)who),
            _ => default,
        };
        return which is >= SchedulingConstants.PriorityProcess and <= SchedulingConstants.PriorityUser;
    }
}

/// <summary>setpriority(2).</summary>
[SystemCall(141, "setpriority", Support.All)]
internal sealed class SetPriority : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if (!GetPriority.TryWalk(thread, (int)registers.Rdi, (int)registers.Rsi, out ThreadWalk walk))
        {
            return -(long)Errno.EINVAL;
        }

        int nice = Math.Clamp((int)registers.Rdx, TaskPriority.MinimumNice, TaskPriority.MaximumNice);
        Errno result = Errno.ESRCH;
        while (walk.MoveNext())
        {
            UserThread target = walk.Current!;
            if (!ThreadScheduling.MayChange(target))
            {
                result = Errno.EPERM;
            }
            else if (!ThreadScheduling.MaySetNice(target, nice))
            {
                result = Errno.EACCES;
            }
            else
            {
                result = result == Errno.ESRCH ? Errno.Ok : result;
                target.Task.SetNice(nice);
            }
        }

        return -(long)result;
    }
}

/// <summary>ioprio_get(2).</summary>
[SystemCall(252, "ioprio_get", Support.All)]
internal sealed class GetIoPriority : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        // The numbers of the kinds are one more than those of getpriority(2).
        if (!GetPriority.TryWalk(thread, (int)registers.Rdi - 1, (int)registers.Rsi, out ThreadWalk walk))
        {
            return -(long)Errno.EINVAL;
        }

        long best = -(long)Errno.ESRCH;
        while (walk.MoveNext())
        {
            int one = walk.Current!.IoPriority;

            // The class first, in which 0 is none and then less is more; then the level, likewise.
            best = best < 0 || best == 0 || (one != 0 && one < best) ? one : best;
        }

        return best;
    }
}

/// <summary>ioprio_set(2). There is no device whose queue it would order.</summary>
[SystemCall(251, "ioprio_set", Support.All)]
internal sealed class SetIoPriority : SystemCall
{
    private const int Levels = 8;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int priority = (int)registers.Rdx;
        int level = priority & ((1 << SchedulingConstants.IoClassShift) - 1);
        Credentials mine = Credentials.Current;
        switch (priority >> SchedulingConstants.IoClassShift)
        {
            case 0 when level == 0:
            case 2 when level < Levels:
            case 3:
                break;
            case 1 when level < Levels:
                if (!mine.Has(Capability.SysAdmin) && !mine.Has(Capability.SysNice))
                {
                    return -(long)Errno.EPERM;
                }

                break;
            default:
                return -(long)Errno.EINVAL;
        }

        if (!GetPriority.TryWalk(thread, (int)registers.Rdi - 1, (int)registers.Rsi, out ThreadWalk walk))
        {
            return -(long)Errno.EINVAL;
        }

        Errno result = Errno.ESRCH;
        while (walk.MoveNext())
        {
            UserThread target = walk.Current!;
            Credentials theirs = ThreadScheduling.CredentialsOf(target);
            if (mine.EffectiveUserId != theirs.UserId && mine.UserId != theirs.UserId && !mine.Has(Capability.SysNice))
            {
                return -(long)Errno.EPERM;
            }

            target.IoPriority = priority;
            result = Errno.Ok;
        }

        return -(long)result;
    }
}
