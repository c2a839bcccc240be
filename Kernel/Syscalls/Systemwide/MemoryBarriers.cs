using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Smp;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Systemwide;

/// <summary>membarrier(2). Every barrier is one on all CPUs; entering and leaving the kernel for it also makes a CPU see changed code.</summary>
[SystemCall(324, "membarrier", Support.All)]
internal sealed class MemoryBarrier : SystemCall
{
    private const MembarrierCommand Known = MembarrierCommand.Global | MembarrierCommand.GlobalExpedited | MembarrierCommand.RegisterGlobalExpedited
        | MembarrierCommand.PrivateExpedited | MembarrierCommand.RegisterPrivateExpedited
        | MembarrierCommand.PrivateExpeditedSyncCore | MembarrierCommand.RegisterPrivateExpeditedSyncCore
        | MembarrierCommand.PrivateExpeditedRseq | MembarrierCommand.RegisterPrivateExpeditedRseq;

    // MEMBARRIER_CMD_FLAG_CPU: the sequences of one CPU are enough. All of them are aborted, which is allowed.
    private const uint FlagCpu = 1;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        var command = (MembarrierCommand)(int)registers.Rdi;
        uint flags = (uint)registers.Rsi;
        if (flags != 0 && (flags != FlagCpu || command != MembarrierCommand.PrivateExpeditedRseq))
        {
            return -(long)Errno.EINVAL;
        }

        switch (command)
        {
            case MembarrierCommand.Query:
                return (long)Known;
            case MembarrierCommand.Global or MembarrierCommand.GlobalExpedited:
                MemoryFence.OnAllCpus();
                return 0;
            case MembarrierCommand.RegisterGlobalExpedited:
                return 0;
            case MembarrierCommand.RegisterPrivateExpedited:
                thread.Process.RegisterBarrier(BarrierKind.Memory);
                return 0;
            case MembarrierCommand.RegisterPrivateExpeditedSyncCore:
                thread.Process.RegisterBarrier(BarrierKind.Instructions);
                return 0;
            case MembarrierCommand.RegisterPrivateExpeditedRseq:
                thread.Process.RegisterBarrier(BarrierKind.Sequences);
                return 0;
            case MembarrierCommand.PrivateExpeditedRseq:
                if (!thread.Process.HasRegisteredBarrier(BarrierKind.Sequences))
                {
                    return -(long)Errno.EPERM;
                }

                thread.Process.RestartSequences();
                return 0;
            case MembarrierCommand.PrivateExpedited or MembarrierCommand.PrivateExpeditedSyncCore:
                if (!thread.Process.HasRegisteredBarrier(command == MembarrierCommand.PrivateExpedited ? BarrierKind.Memory : BarrierKind.Instructions))
                {
                    return -(long)Errno.EPERM;
                }

                MemoryFence.OnAllCpus();
                return 0;
            default:
                return -(long)Errno.EINVAL;
        }
    }
}
