using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>Signals that programs send, with the permissions that it takes (kill(2)). Task context of the sender.</summary>
public static class SignalRequests
{
    /// <summary>What the receiver learns of the sender.</summary>
    public static SignalInfo Describe(UserThread sender, int signal, int code) => SignalInfo.FromUser(signal, code, sender.Process.Id, sender.Credentials.UserId);

    /// <summary>kill(2): to a process, the own group (0), a group (negative), or all that may be reached (-1).</summary>
    /// <returns>EINVAL: no such signal. ESRCH: nobody there. EPERM: none of them may be reached.</returns>
    public static Errno Kill(UserThread sender, int pid, int signal)
    {
        SignalInfo info = Describe(sender, signal, SignalCode.SI_USER);
        if (pid == int.MinValue)
        {
            return Errno.ESRCH;
        }

        return pid switch
        {
            > 0 => ToProcess(sender, pid, info),
            -1 => ToAll(sender, info),
            0 => ToGroup(sender, sender.Process.Group, info),
            _ => ProcessTable.FindGroup(-pid) is { } group ? ToGroup(sender, group, info) : Valid(signal) ? Errno.ESRCH : Errno.EINVAL,
        };
    }

    /// <summary>Sends to a process.</summary>
    /// <returns>ESRCH, EINVAL, EPERM; EAGAIN: too many queued signals.</returns>
    public static Errno ToProcess(UserThread sender, int pid, in SignalInfo info)
    {
        if (ProcessTable.FindOf(pid) is not { } process)
        {
            return Valid(info.Number) ? Errno.ESRCH : Errno.EINVAL;
        }

        return ToProcess(sender, process, info);
    }

    /// <summary>Sends to a process that was found already, as by a descriptor.</summary>
    /// <returns>EINVAL, EPERM; EAGAIN: too many queued signals.</returns>
    public static Errno ToProcess(UserThread sender, Process process, in SignalInfo info)
    {
        Errno error = Check(sender, process, process.Leader, info);
        return error != Errno.Ok || info.Number == 0 ? error : Signals.Send(process, info);
    }

    /// <summary>Sends to a thread.</summary>
    /// <param name="sender">The running thread.</param>
    /// <param name="tgid">The process that it must be in; 0 for any.</param>
    /// <param name="tid">The thread.</param>
    /// <param name="info">The signal.</param>
    /// <returns>ESRCH, EINVAL, EPERM; EAGAIN: too many queued signals.</returns>
    public static Errno ToThread(UserThread sender, int tgid, int tid, in SignalInfo info)
    {
        UserThread? target = ProcessTable.FindThread(tid);
        if (target is null || (tgid != 0 && target.Process.Id != tgid))
        {
            return Errno.ESRCH;
        }

        Errno error = Check(sender, target.Process, target, info);
        return error != Errno.Ok || info.Number == 0 ? error : Signals.Send(target, info);
    }

    /// <summary>rt_sigqueueinfo(2): to a process, with a value.</summary>
    /// <returns>EPERM: it claims to come from the kernel or from kill(2). Otherwise as <see cref="ToProcess(UserThread, int, in SignalInfo)"/>.</returns>
    public static Errno Queue(UserThread sender, int pid, in SignalInfo info) => MayClaim(sender, pid, info) ? ToProcess(sender, pid, info) : Errno.EPERM;

    /// <summary>A program may make up a signal's origin, but not the kernel's nor that of kill(2), unless it sends to itself.</summary>
    public static bool MayClaim(UserThread sender, int id, in SignalInfo info) =>
        (info.Code < 0 && info.Code != SignalCode.SI_TKILL) || id == sender.Process.Id || id == sender.Id;

    // All processes but the first one and the sender's own.
    private static Errno ToAll(UserThread sender, in SignalInfo info)
    {
        int found = 0;
        Errno result = Errno.ESRCH;
        using (ProcessTree.Lock.Enter())
        {
            for (Process? process = ProcessTable.Next(1); process is not null; process = ProcessTable.Next(process.Id))
            {
                if (process.IsInit || ReferenceEquals(process, sender.Process))
                {
                    continue;
                }

                found++;
                Errno error = CheckAndBroadcast(sender, process, info);
                if (error != Errno.EPERM)
                {
                    result = error;
                }
            }
        }

        return found > 0 && result == Errno.ESRCH ? Errno.Ok : result;
    }

    // Success if one of them was reached.
    private static Errno ToGroup(UserThread sender, ProcessGroup group, in SignalInfo info)
    {
        Errno result = Errno.ESRCH;
        bool reached = false;
        using (ProcessTree.Lock.Enter())
        {
            for (Process? process = group.First; process is not null; process = process.NextInGroup)
            {
                Errno error = CheckAndBroadcast(sender, process, info);
                reached |= error == Errno.Ok;
                result = error;
            }
        }

        return reached ? Errno.Ok : result;
    }

    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    private static Errno CheckAndBroadcast(UserThread sender, Process process, in SignalInfo info)
    {
        Errno error = Check(sender, process, process.ProcessId.Thread, info);
        return error != Errno.Ok || info.Number == 0 ? error : Signals.Broadcast(process, info);
    }

    // A zombie has no thread left whose ids could be compared: whoever asks learns that it is there.
    private static Errno Check(UserThread sender, Process process, UserThread? target, in SignalInfo info)
    {
        if (!Valid(info.Number))
        {
            return Errno.EINVAL;
        }

        if (ReferenceEquals(sender.Process, process) || target is null)
        {
            return Errno.Ok;
        }

        Credentials mine = sender.Credentials;
        Credentials theirs = target.Credentials;
        return IsAllowed(mine, theirs) || (info.Number == Signal.SIGCONT && ReferenceEquals(sender.Process.Session, process.Session)) ? Errno.Ok : Errno.EPERM;
    }

    /// <summary>The rule of kill(2): the sender's real or effective user id is the receiver's real or saved one, or it has CAP_KILL.</summary>
    internal static bool IsAllowed(Credentials sender, Credentials receiver) =>
        sender.EffectiveUserId == receiver.SavedUserId || sender.EffectiveUserId == receiver.UserId
        || sender.UserId == receiver.SavedUserId || sender.UserId == receiver.UserId
        || sender.Has(Capability.Kill);

    private static bool Valid(int signal) => signal is >= 0 and <= Signal.SIGRTMAX;
}
