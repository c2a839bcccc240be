using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Users;

/// <summary>What terminals ask of sessions and process groups (credentials(7), termios(3)). Set by the layer of processes at boot. Task context unless a method says more.</summary>
public abstract class JobControl
{
    /// <summary>Who answers; null before there are processes: then nothing is refused and nothing is signalled.</summary>
    [Protocol("Set once at boot, before the first process.")]
    public static JobControl? Instance { get; set; }

    /// <summary>The current process (tgid).</summary>
    public abstract int CurrentProcess { get; }

    /// <summary>The process group of the current process.</summary>
    public abstract int CurrentGroup { get; }

    /// <summary>The session of the current process.</summary>
    public abstract int CurrentSession { get; }

    /// <summary>The current process leads its session.</summary>
    public abstract bool IsSessionLeader { get; }

    /// <summary>The controlling terminal of the current session, as it was set; null for none.</summary>
    public abstract object? ControllingTerminal { get; }

    /// <summary>
    /// Makes a terminal the controlling one of the current session. The caller has checked that the terminal may be taken.
    /// </summary>
    /// <returns>EPERM: not a session leader, or the session has another one.</returns>
    public abstract Errno SetControllingTerminal(object terminal);

    /// <summary>A session loses its controlling terminal: it was hung up, or its leader gave it up.</summary>
    public abstract void ClearControllingTerminal(int session, object terminal);

    /// <summary>
    /// A background process uses its controlling terminal: sends its group SIGTTIN or SIGTTOU and says how the call ends.
    /// </summary>
    /// <param name="signal">SIGTTIN (21) or SIGTTOU (22).</param>
    /// <returns>
    /// Ok: go on (the signal is SIGTTOU and is blocked or ignored). EIO: the group is orphaned, or the signal is SIGTTIN and is blocked or ignored.
    /// ERESTARTSYS: it was sent.
    /// </returns>
    public abstract Errno SignalBackground(int signal);

    /// <summary>Sends a signal to all of a process group. Any context but NMI.</summary>
    public abstract void SignalGroup(int group, int signal);

    /// <summary>Sends a signal to a session's leader: SIGHUP at hang-up. Any context but NMI.</summary>
    public abstract void SignalSessionLeader(int session, int signal);

    /// <summary>The process group exists and belongs to the session.</summary>
    public abstract bool IsGroupOfSession(int group, int session);
}
