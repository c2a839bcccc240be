using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;

namespace CosmosKernel.Processes;

/// <summary>What terminals ask of sessions and process groups. A task of the kernel is in none.</summary>
internal sealed class ProcessJobControl : JobControl
{
    private static Process? Process => (TaskStruct.Current.Signals as UserThread)?.Process;

    /// <inheritdoc/>
    public override int CurrentProcess => Process?.Id ?? 0;

    /// <inheritdoc/>
    public override int CurrentGroup => Process?.Group.Id ?? 0;

    /// <inheritdoc/>
    public override int CurrentSession => Process?.Session.Id ?? 0;

    /// <inheritdoc/>
    public override bool IsSessionLeader => Process is { } process && process.Session.Id == process.Id;

    /// <inheritdoc/>
    public override object? ControllingTerminal => Process?.Session.Terminal;

    /// <inheritdoc/>
    public override Errno SetControllingTerminal(object terminal)
    {
        if (!IsSessionLeader || Process!.Session.Terminal is { } other && !ReferenceEquals(other, terminal))
        {
            return Errno.EPERM;
        }

        Process.Session.Terminal = terminal;
        return Errno.Ok;
    }

    /// <inheritdoc/>
    public override void ClearControllingTerminal(int session, object terminal)
    {
        if (ProcessTable.FindSession(session) is { } found && ReferenceEquals(found.Terminal, terminal))
        {
            found.Terminal = null;
        }
    }

    /// <inheritdoc/>
    public override Errno SignalBackground(int signal)
    {
        if (TaskStruct.Current.Signals is not UserThread thread)
        {
            return Errno.Ok;
        }

        Process process = thread.Process;
        if (thread.Blocked.Contains(signal) || process.Handlers.Ignored.Contains(signal))
        {
            return signal == Signal.SIGTTIN ? Errno.EIO : Errno.Ok;
        }

        using (ProcessTree.Lock.Enter())
        {
            if (process.Group.IsOrphaned(null))
            {
                return Errno.EIO;
            }

            Signals.SendLocked(process.Group, SignalInfo.Kernel(signal));
        }

        return Errno.ERESTARTSYS;
    }

    /// <inheritdoc/>
    [NoAllocation]
    public override void SignalGroup(int group, int signal)
    {
        if (ProcessTable.FindGroup(group) is { } found)
        {
            // ESRCH: the last member has just ended.
            _ = Signals.Send(found, SignalInfo.Kernel(signal));
        }
    }

    /// <inheritdoc/>
    [NoAllocation]
    public override void SignalSessionLeader(int session, int signal)
    {
        if (ProcessTable.Find(session) is { } leader && leader.Session.Id == session)
        {
            _ = Signals.SendAtomic(leader, SignalInfo.Kernel(signal));
        }
    }

    /// <inheritdoc/>
    public override bool IsGroupOfSession(int group, int session) => ProcessTable.FindGroup(group) is { } found && found.Session.Id == session;
}
