using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;

namespace CosmosKernel.Processes;

/// <summary>Finds the system call by its number. Syscalls is above Processes and puts an instance into <see cref="Instance"/> at boot.</summary>
public abstract class SystemCallDispatcher
{
    /// <summary>The table of system calls. Written once, at boot, before the first process.</summary>
    [Immutable]
    public static SystemCallDispatcher? Instance { get; [BeforePublication] set; }

    /// <summary>Does the system call whose number is in Rax; see <see cref="SystemCall.Invoke"/>.</summary>
    /// <returns>Its result; -38 (ENOSYS) when there is none with this number.</returns>
    [MightSleep]
    public abstract long Dispatch(UserThread thread, ref UserRegisters registers);
}
