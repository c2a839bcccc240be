using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Processes.Ipc;
using CosmosKernel.Tasks;

namespace CosmosKernel.Processes;

/// <summary>
/// The end of a thread and, with the last one, of its process (exit(2), exit_group(2)). All happens in the thread itself: it gives up what it shares, leaves its process, and its task ends.
/// Of a process remains what its parent waits for.
/// </summary>
public static class ThreadExit
{
    /// <summary>The running thread is to end before it goes on in user mode (exit(2)).</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="code">The exit code; its low byte counts.</param>
    public static void Request(UserThread thread, int code)
    {
        thread.IsExiting = true;
        thread.ExitStatus = WaitStatus.Exited(code);
        using (thread.Process.SignalLock.Enter())
        {
            thread.RequestAttention(kill: false);
        }
    }

    /// <summary>The running thread is to end as if by a signal, and no other one (seccomp(2)).</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="signal">What its status says.</param>
    internal static void RequestBySignal(UserThread thread, int signal)
    {
        thread.IsExiting = true;
        thread.ExitStatus = signal;
        using (thread.Process.SignalLock.Enter())
        {
            thread.RequestAttention(kill: false);
        }
    }

    /// <summary>All threads of the process are to end (exit_group(2)). The first status counts. Any context but NMI.</summary>
    /// <param name="process">The process.</param>
    /// <param name="code">The exit code; its low byte counts.</param>
    [NoAllocation]
    public static void RequestAll(Process process, int code)
    {
        using (process.SignalLock.Enter())
        {
            process.End(WaitStatus.Exited(code));
        }
    }

    /// <summary>The running thread ends: gives up what it holds and leaves its process. Once, as the last that its task does for it; the task's body returns then.</summary>
    [MightSleep]
    public static void Leave(UserThread thread)
    {
        thread.HasEnded = true;
        Process process = thread.Process;
        bool stopped;
        bool isLast;
        int status;
        using (process.SignalLock.Enter())
        {
            thread.IsLeaving = true;
            isLast = --process.LiveThreads == 0;
            process.Retarget(thread, ~thread.Blocked);
            stopped = thread.StopPending && process.LeaveStopCount(thread) && !isLast;
            status = process.IsEnding ? process.EndStatus : thread.ExitStatus;
        }

        if (stopped)
        {
            ParentNotice.Tell(process, SignalCode.CLD_STOPPED);
        }

        if (isLast && process.IsInit)
        {
            PanicOverInit(status);
        }

        thread.DropSeccomp();
        ThreadMemory.Leave(thread);
        TaskStruct task = thread.Task;
        process.NoteMemory(thread.Memory);
        task.AddressSpace?.Release(task);
        task.AddressSpace = null;
        Semaphores.Leave(thread);
        SharedMemory.LeaveMaker(thread);
        task.Files?.Release(task);
        task.Files = null;
        thread.FileSystem?.Release();
        thread.FileSystem = null;
        if (isLast)
        {
            process.ReleaseTimers();
            ProcessExit.LeaveTerminal(process);
        }

        ProcessExit.Leave(thread);
        thread.Context.Release();
    }

    // The message is Linux's: who reads logs knows it.
    private static void PanicOverInit(int status)
    {
        const string Digits = "0123456789abcdef";
        ReadOnlySpan<byte> text = "Attempted to kill init! exitcode=0x00000000"u8;
        Span<byte> message = stackalloc byte[text.Length];
        text.CopyTo(message);
        for (int digit = 0; digit < 8; digit++)
        {
            message[^(digit + 1)] = (byte)Digits[(status >> (4 * digit)) & 0xF];
        }

        Panic.Now(message);
    }
}
