using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Processes;

/// <summary>
/// What execve(2) does to the process, beside its memory: all other threads end, the caller becomes the first thread, and what a new program does not inherit goes.
/// The order: <see cref="EndOthers"/>, which may fail; then there is no way back: <see cref="LeaveMemory"/>, the new address space, <see cref="Finish"/>.
/// </summary>
public static class ThreadGroupExec
{
    // PER_CLEAR_ON_SETID: READ_IMPLIES_EXEC, ADDR_NO_RANDOMIZE, ADDR_COMPAT_LAYOUT, MMAP_PAGE_ZERO.
    private const uint PersonalityLostBySetId = 0x0040_0000 | 0x0004_0000 | 0x0020_0000 | 0x0010_0000;

    /// <summary>Ends all other threads of the process and waits for it. The caller has the process's id then. Task context of the running thread.</summary>
    /// <returns>EAGAIN: another thread executes a program, or the process ends. EINTR: the caller was killed meanwhile.</returns>
    [MightSleep]
    public static Errno EndOthers(UserThread thread)
    {
        Process process = thread.Process;
        using (process.SignalLock.Enter())
        {
            if (process.IsEnding || process.Executing is not null)
            {
                return Errno.EAGAIN;
            }

            process.Executing = thread;
            process.StopCount = thread.StopPending ? 1 : 0;
            for (UserThread? other = process.FirstThread; other is not null; other = other.NextInProcess)
            {
                if (!ReferenceEquals(other, thread))
                {
                    process.Kill(other);
                }
            }
        }

        bool alone = WaitUntilAlone(process);
        if (alone)
        {
            TakeId(process, thread);
        }

        using (process.SignalLock.Enter())
        {
            process.Executing = null;
            process.HasLeaderStatus = false;
            process.Recalculate(thread);
        }

        return alone ? Errno.Ok : Errno.EINTR;
    }

    /// <summary>Gives up the old memory as far as others are told of it: futexes, the thread's id, a parent that waits. The old address space is still the thread's.</summary>
    [MightSleep]
    public static void LeaveMemory(UserThread thread)
    {
        ThreadMemory.Leave(thread, goesOn: true);
        thread.RobustList = 0;
        RestartableSequences.Forget(thread);
    }

    /// <summary>Makes the process one that has just executed a program: handlers, alternate stack, descriptors that close, name, rights. Registers and memory are the loader's affair.</summary>
    /// <param name="thread">The running thread, alone in its process.</param>
    /// <param name="name">The program's name without folders; 15 characters of it are kept.</param>
    /// <param name="credentials">Its rights from now on (<see cref="ExecCredentials"/>).</param>
    /// <param name="isSecure">They are more than before (AT_SECURE).</param>
    /// <param name="isReadable">The program's file may be read: otherwise its memory is nobody else's to see.</param>
    [MightSleep]
    public static void Finish(UserThread thread, System.ReadOnlySpan<byte> name, Credentials credentials, bool isSecure, bool isReadable)
    {
        Process process = thread.Process;
        ResetHandlers(process);
        process.DeleteTimers();
        thread.AlternateStack = new SignalStack { Flags = SignalStack.SS_DISABLE };
        thread.Restart = null;
        thread.TrapNumber = 0;
        thread.TrapErrorCode = 0;
        if (isSecure)
        {
            thread.ParentDeathSignal = 0;
            thread.Personality &= ~PersonalityLostBySetId;
        }

        process.Dumpable = isSecure || !isReadable ? 0 : 1;
        FileTable? files = thread.Files;
        if (files is { IsShared: true })
        {
            // Others, which share the table, keep what closes here.
            thread.Task.Files = files.Clone();
            files.Release(thread.Task);
        }

        thread.Files?.CloseForExec();
        ThreadName.Set(thread, name);
        CredentialChange.Set(thread, credentials);
        using (ProcessTree.Lock.Enter())
        {
            process.ExitSignal = Signal.SIGCHLD;
            process.HasExecuted = true;
            process.Executions++;
        }
    }

    [MightSleep]
    private static bool WaitUntilAlone(Process process)
    {
        using WaitQueue.Wait wait = process.OthersEnded.Begin(mode: WaitMode.Killable);
        while (true)
        {
            wait.Prepare();
            if (process.ThreadCount == 1)
            {
                return true;
            }

            if (wait.Sleep() != WaitResult.Woken)
            {
                return false;
            }
        }
    }

    // Whoever asks for the process's id as a thread finds the one that is left.
    private static void TakeId(Process process, UserThread thread)
    {
        using (ProcessTree.Lock.Enter())
        {
            ProcessId old = thread.ProcessId;
            if (ReferenceEquals(old, process.ProcessId))
            {
                return;
            }

            thread.ProcessId = process.ProcessId;
            process.ProcessId.Thread = thread;
            old.Thread = null;
            old.ReleaseIfUnused();
        }
    }

    private static void ResetHandlers(Process process)
    {
        SignalHandlers old = process.Handlers;
        SignalHandlers fresh = old.Copy(keepHandlers: false);
        using (process.SignalLock.Enter())
        {
            process.Handlers = fresh;
        }

        old.Unshare();
    }
}
