using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;

namespace CosmosKernel.Processes;

/// <summary>
/// One system call: decodes the registers, checks what it can, calls the part of the kernel that does the work, and gives its result. One object serves all threads: it has no state.
/// </summary>
public abstract class SystemCall
{
    /// <summary>
    /// Does it. Runs in the calling task, preemption and interrupts on, no lock held; may sleep. Expected errors are results, never exceptions; OutOfMemoryException alone may leave it, and becomes ENOMEM.
    /// </summary>
    /// <param name="thread">Who calls: <see cref="UserThread.Current"/>.</param>
    /// <param name="registers">Its registers. Arguments are in Rdi, Rsi, Rdx, R10, R8, R9 (syscall(2)). Rax still holds the number; the loop stores the result there.</param>
    /// <returns>A result of 0 or above, or the negative number of an error.</returns>
    [MightSleep]
    public abstract long Invoke(UserThread thread, ref UserRegisters registers);
}
