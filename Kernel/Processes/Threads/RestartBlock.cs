using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>
/// How a system call goes on that a signal without handler interrupted, with what is left of it (restart_syscall(2)). A call that ends with ERESTART_RESTARTBLOCK puts one into
/// <see cref="UserThread.Restart"/> first.
/// </summary>
public abstract class RestartBlock
{
    /// <summary>Does the rest.</summary>
    /// <returns>The call's result, as of any system call.</returns>
    [MightSleep]
    public abstract long Invoke(UserThread thread);
}
