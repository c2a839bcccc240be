using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>Which children are waited for, and for what.</summary>
/// <param name="Kind">P_ALL, P_PID or P_PGID.</param>
/// <param name="Id">The process or group.</param>
/// <param name="Options">WEXITED, WUNTRACED, WCONTINUED, WNOHANG, WNOWAIT, __WALL, __WCLONE, __WNOTHREAD.</param>
public readonly record struct ChildQuery(int Kind, int Id, int Options)
{
    /// <summary>The child is one of them.</summary>
    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    internal bool Matches(Process child, UserThread thread)
    {
        if ((Kind == WaitOptions.P_PID && child.Id != Id) || (Kind == WaitOptions.P_PGID && child.Group.Id != Id))
        {
            return false;
        }

        if ((Options & WaitOptions.__WNOTHREAD) != 0 && !ReferenceEquals(child.ParentThread, thread))
        {
            return false;
        }

        return MatchesExitSignal(Options, child.ExitSignal);
    }

    /// <summary>The rule of __WALL and __WCLONE (wait(2)): a child that sends SIGCHLD, or one that does not, or both.</summary>
    internal static bool MatchesExitSignal(int options, int exitSignal) =>
        (options & WaitOptions.__WALL) != 0 || (exitSignal != Signal.SIGCHLD) == ((options & WaitOptions.__WCLONE) != 0);
}
