using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Memory;

/// <summary>mlock(2).</summary>
[SystemCall(149, "mlock", Support.All)]
internal sealed class LockMemory : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => -(long)thread.Memory!.Lock(registers.Rdi, registers.Rsi, LockFlags.None);
}

/// <summary>mlock2(2).</summary>
[SystemCall(325, "mlock2", Support.All)]
internal sealed class LockMemoryWithFlags : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        LockFlags flags = (LockFlags)(uint)registers.Rdx;
        return (flags & ~LockFlags.OnFault) != 0 ? -(long)Errno.EINVAL : -(long)thread.Memory!.Lock(registers.Rdi, registers.Rsi, flags);
    }
}

/// <summary>munlock(2).</summary>
[SystemCall(150, "munlock", Support.All)]
internal sealed class UnlockMemory : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => -(long)thread.Memory!.Unlock(registers.Rdi, registers.Rsi);
}

/// <summary>mlockall(2).</summary>
[SystemCall(151, "mlockall", Support.All)]
internal sealed class LockAllMemory : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => -(long)thread.Memory!.LockAll((LockAllFlags)(uint)registers.Rdi);
}

/// <summary>munlockall(2).</summary>
[SystemCall(152, "munlockall", Support.All)]
internal sealed class UnlockAllMemory : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        thread.Memory!.UnlockAll();
        return 0;
    }
}
