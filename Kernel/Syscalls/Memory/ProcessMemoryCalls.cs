using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Processes;
using CosmosKernel.Processes.Memory;
using CosmosKernel.Syscalls.Files;

namespace CosmosKernel.Syscalls.Memory;

/// <summary>process_madvise(2): advice on the memory of a process that a descriptor names.</summary>
[SystemCall(440, "process_madvise", Support.Some, "MADV_COLLAPSE: EINVAL, as on a Linux without huge pages")]
internal sealed class AdviseProcessMemory : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if ((uint)registers.R8 != 0)
        {
            return -(long)Errno.EINVAL;
        }

        Span<IoVector> few = stackalloc IoVector[Vectors.Few];
        Errno error = Vectors.Read(registers.Rsi, registers.Rdx, few, out ReadOnlySpan<IoVector> parts, out long bytes);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        using FileReference file = FileTable.Current!.Get((int)registers.Rdi);
        if (file.File is not ProcessFile target)
        {
            return -(long)Errno.EBADF;
        }

        var advice = (MemoryAdvice)(int)registers.R10;
        if (advice is not (MemoryAdvice.Cold or MemoryAdvice.PageOut or MemoryAdvice.WillNeed))
        {
            return -(long)Errno.EINVAL;
        }

        if (target.Process.Leader is not { } leader || leader.Memory is not { } memory || !memory.TryAddUser())
        {
            return -(long)Errno.ESRCH;
        }

        try
        {
            return !ReferenceEquals(leader.Process, thread.Process) && !RemoteMemory.MayAccess(leader) ? -(long)Errno.EACCES
                : !Credentials.Current.Has(Capability.SysNice) ? -(long)Errno.EPERM
                : Advise(memory, parts, bytes, advice);
        }
        finally
        {
            memory.ReleaseUser();
        }
    }

    [MightSleep]
    private static long Advise(AddressSpace memory, ReadOnlySpan<IoVector> parts, long bytes, MemoryAdvice advice)
    {
        long done = 0;
        foreach (IoVector part in parts)
        {
            long length = Math.Min((long)part.Bytes, bytes - done);
            Errno error = length == 0 ? Errno.Ok : memory.Advise(part.Address, (ulong)length, advice);
            if (error != Errno.Ok)
            {
                return done > 0 ? done : -(long)error;
            }

            done += length;
        }

        return done;
    }
}

/// <summary>process_mrelease(2): gives the memory of a process back that is about to end.</summary>
[SystemCall(448, "process_mrelease", Support.All)]
internal sealed class ReleaseProcessMemory : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if ((uint)registers.Rsi != 0)
        {
            return -(long)Errno.EINVAL;
        }

        using FileReference file = FileTable.Current!.Get((int)registers.Rdi);
        return file.File is ProcessFile target ? -(long)ProcessMemoryRelease.Release(target.Process) : -(long)Errno.EBADF;
    }
}
