using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Processes;

/// <summary>
/// What a thread does about its signals before it goes on in user mode: it enters handlers, stops, ends, or makes an interrupted call again (signal(7), "Interruption of system calls"). Task context of
/// the thread itself, no lock held.
/// </summary>
public static class SignalDelivery
{
    private const ulong RestartCall = 219;
    private const ulong SystemCallBytes = 2;

    /// <summary>
    /// Looks at all that waits. To be called before the thread goes to user mode, if <see cref="UserThread.HasPendingSignal"/> or a call ended with an internal error number
    /// (<see cref="IsRestart"/>), until the first is false.
    /// </summary>
    /// <returns>False: the thread ends, by <see cref="ThreadExit.Leave"/>.</returns>
    [MightSleep]
    public static bool Deliver(UserThread thread)
    {
        while (true)
        {
            thread.Process.FillStock();
            switch (thread.Process.TakeNext(thread, out SignalInfo info, out KernelSignalAction action))
            {
                case SignalStep.Nothing:
                    RestartWithoutHandler(thread);
                    SignalMasks.Restore(thread);
                    return true;
                case SignalStep.End:
                    return false;
                case SignalStep.Handle:
                    Handle(thread, info, action);
                    if (!thread.HasPendingSignal)
                    {
                        // The new mask has been looked through already.
                        return true;
                    }

                    break;
                case SignalStep.Stop:
                    Stop(thread);
                    break;
                case SignalStep.TellParent:
                    ParentNotice.TellPending(thread.Process);
                    break;
                case SignalStep.CheckOrphan:
                    StopUnlessOrphaned(thread, info.Number);
                    break;
            }
        }
    }

    /// <summary>The result of a system call is an internal error number that user space never sees.</summary>
    [NoAllocation]
    public static bool IsRestart(long result) => result is <= -(long)Errno.ERESTARTSYS and >= -(long)Errno.ERESTART_RESTARTBLOCK;

    // No handler ran: the call is made again, or its rest is.
    private static void RestartWithoutHandler(UserThread thread)
    {
        ref UserRegisters registers = ref thread.Context.Registers;
        if (thread.SystemCallNumber < 0 || !IsRestart((long)registers.Rax))
        {
            return;
        }

        registers.Rax = (long)registers.Rax == -(long)Errno.ERESTART_RESTARTBLOCK ? RestartCall : (ulong)thread.SystemCallNumber;
        registers.Rip -= SystemCallBytes;
        thread.SystemCallNumber = -1;
    }

    private static void Handle(UserThread thread, in SignalInfo info, in KernelSignalAction action)
    {
        ref UserRegisters registers = ref thread.Context.Registers;
        if (thread.SystemCallNumber >= 0)
        {
            switch ((Errno)(-(long)registers.Rax))
            {
                case Errno.ERESTARTNOINTR:
                case Errno.ERESTARTSYS when (action.Flags & SignalActionFlags.SA_RESTART) != 0:
                    registers.Rax = (ulong)thread.SystemCallNumber;
                    registers.Rip -= SystemCallBytes;
                    break;
                case Errno.ERESTARTSYS:
                case Errno.ERESTARTNOHAND:
                case Errno.ERESTART_RESTARTBLOCK:
                    registers.Rax = unchecked((ulong)-(long)Errno.EINTR);
                    break;
                default:
                    break;
            }

            thread.SystemCallNumber = -1;
        }

        if (thread.SequenceArea != 0)
        {
            RestartableSequences.Interrupt(thread, info.Number);
        }

        SignalSet mask = thread.HasSavedMask ? thread.SavedMask : thread.Blocked;
        if (!SignalFrameAccess.TryEnter(thread, action, info, mask))
        {
            if (info.Number == Signal.SIGSEGV)
            {
                Signals.ForceFatal(thread, Signal.SIGSEGV);
            }
            else
            {
                Signals.Force(thread, SignalInfo.Kernel(Signal.SIGSEGV));
            }

            return;
        }

        thread.HasSavedMask = false;
        SignalSet blocked = thread.Blocked | new SignalSet(action.Mask);
        SignalMasks.Set(thread, (action.Flags & SignalActionFlags.SA_NODEFER) != 0 ? blocked : blocked | SignalSet.Of(info.Number));
    }

    // The process may have become able to stop, or unable, while no lock was held: SIGCONT takes StopTaken back.
    private static void StopUnlessOrphaned(UserThread thread, int signal)
    {
        bool orphaned;
        using (ProcessTree.Lock.Enter())
        {
            orphaned = thread.Process.Group.IsOrphaned(null);
        }

        if (!orphaned)
        {
            thread.Process.BeginStop(thread, signal);
        }
    }

    private static void Stop(UserThread thread)
    {
        Process process = thread.Process;
        if (!process.EnterStop(thread, out bool isLast))
        {
            return;
        }

        if (isLast)
        {
            ParentNotice.Tell(process, SignalCode.CLD_STOPPED);
        }

        using WaitQueue.Wait wait = process.Continued.Begin(mode: WaitMode.Killable);
        while (true)
        {
            wait.Prepare();
            if (!thread.IsStopped || wait.Sleep() == WaitResult.Interrupted)
            {
                return;
            }
        }
    }
}
