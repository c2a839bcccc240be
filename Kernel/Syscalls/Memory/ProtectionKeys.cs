using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Memory;

/// <summary>pkey_mprotect(2). There are no protection keys, as on a CPU without them: -1 is mprotect(2), and every key is one that was not allocated.</summary>
[SystemCall(329, "pkey_mprotect", Support.All)]
internal sealed class ProtectMemoryWithKey : SystemCall
{
    private const int NoKey = -1;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if (registers.Rdx > uint.MaxValue)
        {
            return -(long)Errno.EINVAL;
        }

        bool hasKey = (int)registers.R10 != NoKey;
        ulong bytes = hasKey && registers.Rsi != 0 ? 0 : registers.Rsi;

        // What is wrong with the range comes first; nothing is wrong with any key if the range is empty.
        Errno error = thread.Memory!.Protect(registers.Rdi, bytes, (MemoryProtection)registers.Rdx);
        return -(long)(error == Errno.Ok && hasKey && registers.Rsi != 0 ? Errno.EINVAL : error);
    }
}

/// <summary>pkey_alloc(2). There are no protection keys, as on a CPU without them: none is left.</summary>
[SystemCall(330, "pkey_alloc", Support.All)]
internal sealed class AllocateKey : SystemCall
{
    // PKEY_DISABLE_ACCESS and PKEY_DISABLE_WRITE.
    private const ulong KnownRights = 3;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) =>
        -(long)(registers.Rdi != 0 || (registers.Rsi & ~KnownRights) != 0 ? Errno.EINVAL : Errno.ENOSPC);
}

/// <summary>pkey_free(2). No key was ever allocated.</summary>
[SystemCall(331, "pkey_free", Support.All)]
internal sealed class FreeKey : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => -(long)Errno.EINVAL;
}
