using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;
using CosmosKernel.Processes.Ipc;

namespace CosmosKernel.Syscalls.Ipc;

/// <summary>shmget(2).</summary>
[SystemCall(29, "shmget", Support.Some, "SHM_HUGETLB gives ENOMEM (EPERM without the right to lock memory): there are no huge pages.")]
internal sealed class SharedMemoryGet : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) =>
        SharedMemory.Get(thread, (int)registers.Rdi, registers.Rsi, (int)registers.Rdx);
}

/// <summary>shmat(2).</summary>
[SystemCall(30, "shmat", Support.All)]
internal sealed class SharedMemoryAttach : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) =>
        SharedMemory.Attach(thread, (int)registers.Rdi, registers.Rsi, (int)registers.Rdx);
}

/// <summary>shmdt(2).</summary>
[SystemCall(67, "shmdt", Support.All)]
internal sealed class SharedMemoryDetach : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => -(long)thread.Memory!.Detach(registers.Rdi);
}

/// <summary>shmctl(2).</summary>
[SystemCall(31, "shmctl", Support.All)]
internal sealed class SharedMemoryControl : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int id = (int)registers.Rdi;
        int command = (int)registers.Rsi;
        if (id < 0)
        {
            return -(long)Errno.EINVAL;
        }

        switch (command)
        {
            case IpcConstants.IPC_INFO:
                return WriteLimits(registers.Rdx);
            case SharedMemoryConstants.SHM_INFO:
                return new UserPointer<SharedMemoryUse>(registers.Rdx).TryWrite(SharedMemory.ReadUse()) ? SharedMemory.GreatestIndex : -(long)Errno.EFAULT;
            case IpcConstants.IPC_STAT:
            case SharedMemoryConstants.SHM_STAT:
            case SharedMemoryConstants.SHM_STAT_ANY:
                long found = SharedMemory.Describe(
                    command == SharedMemoryConstants.SHM_STAT_ANY ? null : thread.Credentials, id, command != IpcConstants.IPC_STAT, out SharedMemoryDescription description);
                return found >= 0 && !new UserPointer<SharedMemoryDescription>(registers.Rdx).TryWrite(description) ? -(long)Errno.EFAULT : found;
            case IpcConstants.IPC_SET:
                return new UserPointer<SharedMemoryDescription>(registers.Rdx).TryRead(out SharedMemoryDescription wanted)
                    ? SharedMemory.Set(thread, id, wanted.Permission)
                    : -(long)Errno.EFAULT;
            case IpcConstants.IPC_RMID:
                return SharedMemory.Remove(thread, id);
            case SharedMemoryConstants.SHM_LOCK:
            case SharedMemoryConstants.SHM_UNLOCK:
                return SharedMemory.SetLocked(thread, id, command == SharedMemoryConstants.SHM_LOCK);
            default:
                return -(long)Errno.EINVAL;
        }
    }

    [MightSleep]
    private static long WriteLimits([UserAddress] ulong address)
    {
        SharedMemoryLimits limits = new()
        {
            MostBytes = IpcLimits.SegmentBytes,
            LeastBytes = 1,
            MostSegments = (ulong)IpcLimits.Segments,
            MostOfProcess = (ulong)IpcLimits.Segments,
            MostPages = IpcLimits.SegmentPages,
        };
        return new UserPointer<SharedMemoryLimits>(address).TryWrite(limits) ? SharedMemory.GreatestIndex : -(long)Errno.EFAULT;
    }
}
