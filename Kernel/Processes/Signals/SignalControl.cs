using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>What a thread does about its own signals by system calls. Task context of the thread itself.</summary>
public static class SignalControl
{
    /// <summary>Reads and sets the action of a signal (sigaction(2)). Pending signals that are ignored from now on are forgotten.</summary>
    /// <param name="process">The calling process.</param>
    /// <param name="signal">The signal.</param>
    /// <param name="sets">It is set, too.</param>
    /// <param name="action">As user space passes it.</param>
    /// <param name="old">The action from before.</param>
    /// <returns>EINVAL: no such signal; SIGKILL or SIGSTOP would be changed; a handler without restorer.</returns>
    public static Errno SetAction(Process process, int signal, bool sets, KernelSignalAction action, out KernelSignalAction old)
    {
        old = default;
        if (signal is < 1 or > Signal.SIGRTMAX || (sets && SignalSet.Unstoppable.Contains(signal)))
        {
            return Errno.EINVAL;
        }

        if (!sets)
        {
            old = process.Handlers.Get(signal);
            return Errno.Ok;
        }

        action.Flags &= SignalActionFlags.Supported;
        action.Mask = new SignalSet(action.Mask).Without(SignalSet.Unstoppable).Bits;
        if (action.Handler > KernelSignalAction.Ignore && (action.Flags & SignalActionFlags.SA_RESTORER) == 0)
        {
            return Errno.EINVAL;
        }

        using (process.SignalLock.Enter())
        {
            old = process.Handlers.Set(signal, action);
            if (action.Handler == KernelSignalAction.Ignore || (action.Handler == KernelSignalAction.Default && SignalSet.IgnoredByDefault.Contains(signal)))
            {
                process.Flush(SignalSet.Of(signal));
            }
        }

        return Errno.Ok;
    }

    /// <summary>Goes back to where a signal interrupted the thread (rt_sigreturn(2)). A bad frame is answered with SIGSEGV.</summary>
    /// <returns>What RAX is to be.</returns>
    [MightSleep]
    public static long ReturnFromHandler(UserThread thread)
    {
        // Whatever number is in RAX afterwards, no call is to be made again.
        thread.SystemCallNumber = -1;
        if (!SignalFrameAccess.TryReturn(thread))
        {
            Signals.Force(thread, SignalInfo.Kernel(Signal.SIGSEGV));
            return 0;
        }

        return (long)thread.Context.Registers.Rax;
    }

    /// <summary>Reads and sets the alternate stack (sigaltstack(2)).</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="sets">It is set, too.</param>
    /// <param name="wanted">As user space passes it.</param>
    /// <param name="pointer">The thread's stack pointer.</param>
    /// <param name="old">As it was.</param>
    /// <returns>EPERM: the thread runs on it. EINVAL: unknown flags. ENOMEM: too small.</returns>
    public static Errno SetAlternateStack(UserThread thread, bool sets, SignalStack wanted, [UserAddress] ulong pointer, out SignalStack old)
    {
        old = AlternateStacks.Show(thread.AlternateStack, pointer);
        return sets ? AlternateStacks.TrySet(thread, wanted, pointer) : Errno.Ok;
    }
}
