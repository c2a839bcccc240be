using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Memory;

/// <summary>munmap(2).</summary>
[SystemCall(11, "munmap", Support.All)]
internal sealed class UnmapMemory : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => -(long)thread.Memory!.Unmap(registers.Rdi, registers.Rsi);
}

/// <summary>mprotect(2).</summary>
[SystemCall(10, "mprotect", Support.All)]
internal sealed class ProtectMemory : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) =>
        registers.Rdx > uint.MaxValue
            ? -(long)Errno.EINVAL
            : -(long)thread.Memory!.Protect(registers.Rdi, registers.Rsi, (MemoryProtection)registers.Rdx);
}

/// <summary>mremap(2).</summary>
[SystemCall(25, "mremap", Support.All)]
internal sealed class RemapMemory : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) =>
        registers.R10 > uint.MaxValue
            ? -(long)Errno.EINVAL
            : thread.Memory!.Remap(registers.Rdi, registers.Rsi, registers.Rdx, (RemapFlags)registers.R10, registers.R8);
}

/// <summary>remap_file_pages(2): as in Linux since 4.0, by a mapping of its own.</summary>
[SystemCall(216, "remap_file_pages", Support.All)]
internal sealed class RearrangePages : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) =>
        registers.Rdx != 0
            ? -(long)Errno.EINVAL
            : -(long)thread.Memory!.Rearrange(registers.Rdi, registers.Rsi, registers.R10, (MapFlags)registers.R8);
}

/// <summary>brk(2): unlike the library's function it returns the end that holds now, also when it could not be moved.</summary>
[SystemCall(12, "brk", Support.All)]
internal sealed class MoveBreak : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => (long)thread.Memory!.Break(registers.Rdi);
}

/// <summary>madvise(2).</summary>
[SystemCall(28, "madvise", Support.Some, "MADV_MERGEABLE, MADV_HUGEPAGE, MADV_COLLAPSE and their counterparts, MADV_HWPOISON: EINVAL, as on a Linux that is configured without them")]
internal sealed class AdviseMemory : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) =>
        -(long)thread.Memory!.Advise(registers.Rdi, registers.Rsi, (MemoryAdvice)(int)registers.Rdx);
}

/// <summary>msync(2).</summary>
[SystemCall(26, "msync", Support.All)]
internal sealed class SynchronizeMemory : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) =>
        -(long)thread.Memory!.Sync(registers.Rdi, registers.Rsi, (SyncFlags)(uint)registers.Rdx);
}
