using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>Settings of the running thread and its process (prctl(2)).</summary>
public static class ThreadControl
{
    /// <summary>The signal that comes when the parent ends; 0 for none.</summary>
    /// <returns>False: no such signal.</returns>
    public static bool SetParentDeathSignal(UserThread thread, ulong signal)
    {
        if (signal > Signal.SIGRTMAX)
        {
            return false;
        }

        thread.ParentDeathSignal = (int)signal;
        return true;
    }

    /// <summary>Whether others of the same user may look into the process: 0 or 1.</summary>
    /// <returns>False: another value.</returns>
    public static bool SetDumpable(Process process, ulong value)
    {
        if (value > 1)
        {
            return false;
        }

        process.Dumpable = (int)value;
        return true;
    }

    /// <summary>No program that the thread executes gives it more rights. For good.</summary>
    public static void SetNoNewPrivileges(UserThread thread) => thread.NoNewPrivileges = true;

    /// <summary>Whether orphans among the descendants become children of the process.</summary>
    public static void SetSubreaper(Process process, bool value)
    {
        using (ProcessTree.Lock.Enter())
        {
            process.IsSubreaper = value;
        }
    }
}
