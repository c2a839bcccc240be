using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;

namespace CosmosKernel.Processes;

/// <summary>
/// What is done about each signal: the actions that sigaction(2) sets. All threads of a process have one table; CLONE_SIGHAND shares it with another process. The sets of ignored and of handled
/// signals are read without the lock by who sends: a signal that is sent while its action changes meets the old action or the new one.
/// </summary>
public sealed class SignalHandlers
{
    private IrqSpinLock _lock = new(LockClass.SignalHandlers);

    [GuardedBy(nameof(_lock))]
    private readonly KernelSignalAction[] _actions = new KernelSignalAction[Signal.SIGRTMAX];

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private ulong _ignored;

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private ulong _handled;

    [GuardedBy(nameof(_lock))]
    private int _processes = 1;

    /// <summary>Signals whose action is SIG_IGN. Outdated at once.</summary>
    public SignalSet Ignored => new(Volatile.Read(ref _ignored));

    /// <summary>Signals that have a handler. Outdated at once.</summary>
    public SignalSet Handled => new(Volatile.Read(ref _handled));

    /// <summary>More than one process has it.</summary>
    internal bool IsShared
    {
        get
        {
            using (_lock.Enter())
            {
                return _processes > 1;
            }
        }
    }

    /// <summary>The action of a signal, 1 to 64. Any context but NMI.</summary>
    [NoAllocation]
    public KernelSignalAction Get(int signal)
    {
        using (_lock.Enter())
        {
            return _actions[signal - 1];
        }
    }

    /// <summary>Sets the action of a signal. The caller flushes pending signals that are ignored now.</summary>
    /// <returns>The action from before.</returns>
    [NoAllocation]
    internal KernelSignalAction Set(int signal, in KernelSignalAction action)
    {
        using (_lock.Enter())
        {
            KernelSignalAction old = _actions[signal - 1];
            Put(signal, action);
            return old;
        }
    }

    /// <summary>The action of a signal that is about to be handled; it goes back to the default if it has SA_RESETHAND.</summary>
    [NoAllocation]
    internal KernelSignalAction Take(int signal)
    {
        using (_lock.Enter())
        {
            KernelSignalAction action = _actions[signal - 1];
            if (action.Handler > KernelSignalAction.Ignore && (action.Flags & SignalActionFlags.SA_RESETHAND) != 0)
            {
                Put(signal, action with { Handler = KernelSignalAction.Default });
            }

            return action;
        }
    }

    /// <summary>A copy for a new process (fork(2)).</summary>
    /// <param name="keepHandlers">False: signals with a handler get the default action, without flags; ignored ones stay ignored (CLONE_CLEAR_SIGHAND, execve(2)).</param>
    internal SignalHandlers Copy(bool keepHandlers)
    {
        SignalHandlers copy = new();
        for (int signal = 1; signal <= Signal.SIGRTMAX; signal++)
        {
            KernelSignalAction action = Get(signal);
            copy.Initialize(signal, keepHandlers || action.Handler == KernelSignalAction.Ignore ? (keepHandlers ? action : new KernelSignalAction { Handler = KernelSignalAction.Ignore }) : default);
        }

        return copy;
    }

    /// <summary>Another process has it, too.</summary>
    [NoAllocation]
    internal void Share()
    {
        using (_lock.Enter())
        {
            _processes++;
        }
    }

    /// <summary>A process has it no longer.</summary>
    [NoAllocation]
    internal void Unshare()
    {
        using (_lock.Enter())
        {
            _processes--;
        }
    }

    private void Initialize(int signal, in KernelSignalAction action)
    {
        using (_lock.Enter())
        {
            Put(signal, action);
        }
    }

    [RequiresLock(nameof(_lock))]
    private void Put(int signal, in KernelSignalAction action)
    {
        _actions[signal - 1] = action;
        ulong bit = SignalSet.Of(signal).Bits;
        Volatile.Write(ref _ignored, action.Handler == KernelSignalAction.Ignore ? _ignored | bit : _ignored & ~bit);
        Volatile.Write(ref _handled, action.Handler > KernelSignalAction.Ignore ? _handled | bit : _handled & ~bit);
    }
}
