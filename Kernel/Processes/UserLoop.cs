using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Processes.Seccomp;
using CosmosKernel.Tasks;

namespace CosmosKernel.Processes;

/// <summary>
/// The kernel's side of a thread of user space: it goes to user mode, and whatever brings it back is dealt with here, in ordinary C# on the task's kernel stack. Before each way out it looks
/// at its signals.
/// </summary>
public static class UserLoop
{
    /// <summary>Runs the thread in user mode until it ends. The body of its task; the address space is the task's.</summary>
    [MightSleep]
    public static void Run(UserThread thread)
    {
        while (!RunUntilInterrupted(thread))
        {
            // A wait of the kernel was ended from outside, by a kill as a rule: the signal says what follows.
        }

        ThreadExit.Leave(thread);
    }

    // True: the thread ends. A wait that was ended by an exception makes its call one that a signal interrupted.
    private static bool RunUntilInterrupted(UserThread thread)
    {
        try
        {
            RunUntilEnd(thread);
            return true;
        }
        catch (TaskKilledException)
        {
            thread.Context.Registers.Rax = unchecked((ulong)-(long)Errno.EINTR);
        }
        catch (ThreadInterruptedException)
        {
            thread.Context.Registers.Rax = unchecked((ulong)-(long)Errno.EINTR);
        }

        return !SignalDelivery.Deliver(thread);
    }

    private static void RunUntilEnd(UserThread thread)
    {
        UserContext context = thread.Context;
        SystemCallDispatcher dispatcher = SystemCallDispatcher.Instance!;
        while (true)
        {
            if (thread.HasPendingSignal && !DeliverAll(thread))
            {
                return;
            }

            UserExit exit = context.Run();
            if (exit == UserExit.SystemCall)
            {
                ref UserRegisters registers = ref context.Registers;
                thread.SystemCallNumber = (long)registers.Rax;
                if (thread.SystemCallWork == 0 || SeccompEntry.Allows(thread, ref registers, out long result))
                {
                    result = dispatcher.Dispatch(thread, ref registers);
                }

                registers.Rax = (ulong)result;
                if (SignalDelivery.IsRestart(result) && thread.SystemCallNumber >= 0 && !SignalDelivery.Deliver(thread))
                {
                    return;
                }
            }
            else
            {
                thread.SystemCallNumber = -1;
                if (exit == UserExit.Exception)
                {
                    UserException.Handle(thread);
                }
                else if (thread.SequenceArea != 0)
                {
                    RestartableSequences.Resume(thread);
                }
            }
        }
    }

    // A signal comes with a request for attention, which would bring the thread back here for nothing. It may be for restartable sequences as well.
    private static bool DeliverAll(UserThread thread)
    {
        bool asked = thread.Context.TakeAttention();
        thread.HasRestarted = false;
        if (!SignalDelivery.Deliver(thread))
        {
            return false;
        }

        if (asked && thread.SequenceArea != 0 && !thread.HasRestarted)
        {
            RestartableSequences.Resume(thread);
        }

        return true;
    }
}
