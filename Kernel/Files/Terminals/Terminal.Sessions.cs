using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Terminals;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Terminals;

// The session whose controlling terminal it is, the group in its foreground, and the hang-up.
public abstract partial class Terminal
{
    [GuardedBy(nameof(Lock), LockFreeReads = true)]
    private int _session;

    [GuardedBy(nameof(Lock), LockFreeReads = true)]
    private int _foreground;

    /// <summary>The session whose controlling terminal it is; 0 for none. Any context.</summary>
    public int Session => Volatile.Read(ref _session);

    /// <summary>The foreground process group; 0 for none. Any context.</summary>
    public int Foreground => Volatile.Read(ref _foreground);

    /// <summary>The controlling terminal of the current session; null for none.</summary>
    public static Terminal? Current => JobControl.Instance?.ControllingTerminal as Terminal;

    /// <summary>What is hung up when the session's leader ends: all but pseudo-terminals, whose master decides (credentials(7)).</summary>
    protected virtual bool HangsUpWithLeader => true;

    /// <summary>
    /// A session's leader ends: its terminal is hung up, the foreground group gets SIGHUP, and the terminal is free for another session. Task context; called once by the layer of processes.
    /// </summary>
    /// <param name="session">The session.</param>
    [MightSleep]
    public void LeaderEnds(int session)
    {
        if (Session != session)
        {
            return;
        }

        int foreground = Foreground;
        if (HangsUpWithLeader)
        {
            HangUp(SessionEnd.WithGroup);
        }
        else
        {
            // First, so that who gets the signal finds no controlling terminal.
            LeaveSession();
            SignalGroup(foreground, Signal.SIGHUP);
        }
    }

    /// <summary>
    /// The line is gone (vhangup(2), the master's close): reads of the files that are open now return 0, writes EIO; the session's leader gets SIGHUP and SIGCONT, and the session has no
    /// controlling terminal any more. Task context.
    /// </summary>
    [MightSleep]
    internal void HangUp(SessionEnd end = SessionEnd.LeaderOnly)
    {
        int session;
        int foreground;
        using (Lock.Enter())
        {
            Interlocked.Increment(ref _hangUps);
            session = _session;
            foreground = _foreground;
            _discipline.FlushInput();
            _discipline.FlushOutput();
            TerminalSettings before = _discipline.Settings;
            _discipline.SetSettings(_initial);
            SettingsChanged(before, _initial);
            Publish();
        }

        Readers.WakeAll(PollEvents.Readable | PollEvents.Error | PollEvents.HangUp);
        Writers.WakeAll(PollEvents.Writable | PollEvents.Error | PollEvents.HangUp);
        if (session == 0)
        {
            return;
        }

        LeaveSession();
        if (end == SessionEnd.WithGroup)
        {
            SignalGroup(foreground, Signal.SIGHUP);
        }
        else
        {
            JobControl.Instance?.SignalSessionLeader(session, Signal.SIGHUP);
            JobControl.Instance?.SignalSessionLeader(session, Signal.SIGCONT);
        }
    }

    /// <summary>Hangs up the controlling terminal of the caller (vhangup(2)), if there is one. Task context.</summary>
    /// <returns>EPERM: without CAP_SYS_TTY_CONFIG.</returns>
    [MightSleep]
    public static Errno HangUpCurrent()
    {
        if (!Credentials.Current.Has(Capability.SysTtyConfig))
        {
            return Errno.EPERM;
        }

        Current?.HangUp();
        return Errno.Ok;
    }

    /// <summary>A session leader without a controlling terminal opens this one, which has no session: now it has (credentials(7)).</summary>
    [MightSleep]
    internal void TakeIfFree(TerminalFile file)
    {
        if (file.IsReadable && JobControl.Instance is { IsSessionLeader: true, ControllingTerminal: null } jobs)
        {
            using (Lock.Enter())
            {
                if (_session == 0 && jobs.SetControllingTerminal(this) == Errno.Ok)
                {
                    Enter(jobs);
                }
            }
        }
    }

    /// <summary>TIOCSCTTY.</summary>
    /// <param name="file">Through which it is asked.</param>
    /// <param name="argument">1: take it from another session, with CAP_SYS_ADMIN.</param>
    [MightSleep]
    private Errno TakeControl(OpenFile file, [UserAddress] ulong argument)
    {
        if (JobControl.Instance is not { } jobs)
        {
            return Errno.EPERM;
        }

        bool isAdministrator = Credentials.Current.Has(Capability.SysAdmin);
        using (Lock.Enter())
        {
            if (jobs.IsSessionLeader && _session == jobs.CurrentSession)
            {
                return Errno.Ok;
            }

            bool mayTake = _session == 0 || (argument == 1 && isAdministrator);
            if (!jobs.IsSessionLeader || jobs.ControllingTerminal is not null || !mayTake || !(file.IsReadable || isAdministrator))
            {
                return Errno.EPERM;
            }

            if (_session != 0)
            {
                jobs.ClearControllingTerminal(_session, this);
                _session = 0;
            }

            Errno error = jobs.SetControllingTerminal(this);
            if (error == Errno.Ok)
            {
                Enter(jobs);
            }

            return error;
        }
    }

    /// <summary>TIOCNOTTY: the leader gives the terminal up, for the whole session.</summary>
    [MightSleep]
    private Errno GiveUpControl()
    {
        if (JobControl.Instance is not { } jobs || !ReferenceEquals(jobs.ControllingTerminal, this))
        {
            return Errno.ENOTTY;
        }

        if (!jobs.IsSessionLeader)
        {
            return Errno.EPERM;
        }

        int foreground = Foreground;
        LeaveSession();
        SignalGroup(foreground, Signal.SIGHUP);
        SignalGroup(foreground, Signal.SIGCONT);
        return Errno.Ok;
    }

    /// <summary>TIOCSPGRP.</summary>
    [MightSleep]
    private Errno SetForeground(int group)
    {
        Errno refusal = CheckForeground(Signal.SIGTTOU);
        if (refusal != Errno.Ok)
        {
            return refusal == Errno.EIO ? Errno.ENOTTY : refusal;
        }

        if (JobControl.Instance is not { } jobs)
        {
            return Errno.ENOTTY;
        }

        using (Lock.Enter())
        {
            if (!ReferenceEquals(jobs.ControllingTerminal, this) || _session != jobs.CurrentSession)
            {
                return Errno.ENOTTY;
            }

            if (group < 0)
            {
                return Errno.EINVAL;
            }

            if (!jobs.IsGroupOfSession(group, _session))
            {
                return Errno.EPERM;
            }

            Volatile.Write(ref _foreground, group);
            return Errno.Ok;
        }
    }

    /// <summary>TIOCSIG: the master sends what a key could send.</summary>
    /// <returns>EINVAL: another signal than SIGINT, SIGQUIT and SIGTSTP.</returns>
    internal Errno SendSignal(ulong signal)
    {
        if (signal is not (Signal.SIGINT or Signal.SIGQUIT or Signal.SIGTSTP))
        {
            return Errno.EINVAL;
        }

        SignalGroup(Foreground, (int)signal);
        return Errno.Ok;
    }

    /// <summary>A process in the background gets a signal instead of what it wants (termios(3)).</summary>
    private Errno CheckForeground(int signal)
    {
        if (JobControl.Instance is not { } jobs || !ReferenceEquals(jobs.ControllingTerminal, this))
        {
            return Errno.Ok;
        }

        int foreground = Foreground;
        return foreground == 0 || foreground == jobs.CurrentGroup ? Errno.Ok : jobs.SignalBackground(signal);
    }

    [RequiresLock(nameof(Lock))]
    private void Enter(JobControl jobs)
    {
        Volatile.Write(ref _foreground, jobs.CurrentGroup);
        Volatile.Write(ref _session, jobs.CurrentSession);
    }

    [MightSleep]
    private void LeaveSession()
    {
        using (Lock.Enter())
        {
            ClearSession();
        }
    }

    [MightSleep]
    [RequiresLock(nameof(Lock))]
    private void ClearSession()
    {
        if (_session != 0)
        {
            JobControl.Instance?.ClearControllingTerminal(_session, this);
        }

        Volatile.Write(ref _session, 0);
        Volatile.Write(ref _foreground, 0);
    }

    private void SendSignals(TerminalSignals signals)
    {
        int foreground = Foreground;
        if ((signals & TerminalSignals.Interrupt) != 0)
        {
            SignalGroup(foreground, Signal.SIGINT);
        }

        if ((signals & TerminalSignals.Quit) != 0)
        {
            SignalGroup(foreground, Signal.SIGQUIT);
        }

        if ((signals & TerminalSignals.Suspend) != 0)
        {
            SignalGroup(foreground, Signal.SIGTSTP);
        }
    }

    private static void SignalGroup(int group, int signal)
    {
        if (group > 0)
        {
            JobControl.Instance?.SignalGroup(group, signal);
        }
    }
}
