using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Processes;

/// <summary>rseq(2), as Linux 6.1 has it: an area of 32 bytes, of which the kernel writes the first eight and the pointer to the sequence.</summary>
[SystemCall(334, "rseq", Support.All)]
internal sealed class RestartableSequence : SystemCall
{
    private const int FlagUnregister = 1;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        uint bytes = (uint)registers.Rsi;
        uint signature = (uint)registers.R10;
        return -(long)((int)registers.Rdx switch
        {
            0 => RestartableSequences.Register(thread, registers.Rdi, bytes, signature),
            FlagUnregister => RestartableSequences.Unregister(thread, registers.Rdi, bytes, signature),
            _ => Errno.EINVAL,
        });
    }
}
