using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes.Futexes;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Processes;

/// <summary>What a thread leaves in the memory that it gives up, at its end or when it executes a program.</summary>
internal static class ThreadMemory
{
    /// <summary>
    /// Passes the thread's futexes on, clears its id and wakes who joins it (set_tid_address(2)), and lets a parent go on that waits (vfork(2)). The address space is still the
    /// thread's. Task context of the thread itself.
    /// </summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="goesOn">It executes another program.</param>
    [MightSleep]
    public static void Leave(UserThread thread, bool goesOn = false)
    {
        Futex.ExitRobustList(thread, goesOn);
        ulong clear = thread.ClearChildTid;
        thread.ClearChildTid = 0;

        // Nobody else could see it otherwise.
        if (clear != 0 && thread.Memory is { Users: > 1 })
        {
            // A bad address is the program's own affair.
            if (UserMemory.TryWrite(clear, 0u))
            {
                Futex.WakeAddress(clear);
            }
        }

        Completion? vfork = thread.VforkDone;
        thread.VforkDone = null;
        vfork?.CompleteAll();
    }
}
