using System;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Security;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;

namespace CosmosKernel.Processes.Seccomp;

/// <summary>Whether the running thread's system call is made (seccomp(2)). Task context of the thread itself.</summary>
internal static class SeccompEntry
{
    private const uint Read = 0;
    private const uint Write = 1;
    private const uint SignalReturn = 15;
    private const uint Exit = 60;
    private const int LargestErrno = 4095;
    private const int DataWords = SeccompConstants.DataBytes / sizeof(uint);

    /// <summary>Looks at the call that the thread has just made, before anything of it is done.</summary>
    /// <param name="thread">The running thread, which has a mode.</param>
    /// <param name="registers">Its registers.</param>
    /// <param name="result">What goes into Rax if the call is not made.</param>
    /// <returns>False: it is not made.</returns>
    [MightSleep]
    public static bool Allows(UserThread thread, ref UserRegisters registers, out long result)
    {
        result = (long)registers.Rax;
        uint number = (uint)registers.Rax;
        if (thread.SeccompMode == SeccompMode.None)
        {
            return true;
        }

        if (thread.SeccompMode == SeccompMode.Strict)
        {
            if (number is Read or Write or SignalReturn or Exit)
            {
                return true;
            }

            SeccompLog.Note(thread, SeccompAction.KillThread, filterLogs: false, number, registers.Rip);
            Skip(thread);
            ThreadExit.RequestBySignal(thread, Signal.SIGKILL);
            return false;
        }

        Span<uint> data = stackalloc uint[DataWords];
        Describe(data, registers);
        uint answer = thread.SeccompFilter!.Ask(data, out SeccompFilter decisive);
        var action = (SeccompAction)(answer & SeccompConstants.ActionMask);
        if (action == SeccompAction.Allow)
        {
            return true;
        }

        SeccompLog.Note(thread, action, decisive.Logs, number, registers.Rip);
        return Act(thread, ref registers, action, (int)(answer & SeccompConstants.DataMask), decisive, data, ref result);
    }

    [MightSleep]
    private static bool Act(
        UserThread thread,
        ref UserRegisters registers,
        SeccompAction action,
        int datum,
        SeccompFilter filter,
        ReadOnlySpan<uint> data,
        ref long result)
    {
        switch (action)
        {
            case SeccompAction.Log:
                return true;
            case SeccompAction.Error:
                Skip(thread);
                result = -Math.Min(datum, LargestErrno);
                return false;
            case SeccompAction.Trap:
                Skip(thread);
                Signals.Force(thread, Violation(registers, datum));
                return false;
            case SeccompAction.Notify when filter.Listener is { } listener:
                if (listener.Ask(thread, data, out result))
                {
                    return true;
                }

                // An interrupted wait is made again like the call, all else is the result.
                if (!SignalDelivery.IsRestart(result))
                {
                    Skip(thread);
                }

                return false;
            case SeccompAction.Notify or SeccompAction.Trace:
                // Nobody listens, nobody traces.
                Skip(thread);
                result = -(long)Errno.ENOSYS;
                return false;
            default:
                Skip(thread);
                if (action == SeccompAction.KillThread && thread.Process.ThreadCount > 1)
                {
                    ThreadExit.RequestBySignal(thread, Signal.SIGSYS);
                }
                else
                {
                    // What no version knows ends the process, too.
                    Signals.ForceFatal(thread, Violation(registers, datum));
                }

                return false;
        }
    }

    // No signal makes the call again.
    private static void Skip(UserThread thread) => thread.SystemCallNumber = -1;

    private static SignalInfo Violation(in UserRegisters registers, int datum) => new()
    {
        Number = Signal.SIGSYS,
        Error = datum,
        Code = SignalCode.SYS_SECCOMP,
        Word0 = registers.Rip,
        Word1 = (uint)registers.Rax | ((ulong)SeccompConstants.Architecture << 32),
    };

    // struct seccomp_data: number, architecture, the address behind the SYSCALL instruction, six arguments.
    private static void Describe(Span<uint> data, in UserRegisters registers)
    {
        data[0] = (uint)registers.Rax;
        data[1] = SeccompConstants.Architecture;
        Put(data, 2, registers.Rip);
        Put(data, 4, registers.Rdi);
        Put(data, 6, registers.Rsi);
        Put(data, 8, registers.Rdx);
        Put(data, 10, registers.R10);
        Put(data, 12, registers.R8);
        Put(data, 14, registers.R9);
    }

    private static void Put(Span<uint> data, int index, ulong value)
    {
        data[index] = (uint)value;
        data[index + 1] = (uint)(value >> 32);
    }
}
