using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;
using CosmosKernel.Processes.Memory;

namespace CosmosKernel.Syscalls.Memory;

/// <summary>mincore(2).</summary>
[SystemCall(27, "mincore", Support.All)]
internal sealed class FindResidentMemory : SystemCall
{
    // Pages that are told at once.
    private const int Batch = 256;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        ulong start = registers.Rdi;
        ulong bytes = registers.Rsi;
        if (!AddressSpace.IsAligned(start))
        {
            return -(long)Errno.EINVAL;
        }

        if (start > AddressSpace.Limit || bytes > AddressSpace.Limit - start)
        {
            return -(long)Errno.ENOMEM;
        }

        ulong pages = AddressSpace.PageUp(bytes) >> AddressSpace.PageShift;
        if (!UserMemory.IsRange(registers.Rdx, pages))
        {
            return -(long)Errno.EFAULT;
        }

        Span<byte> resident = stackalloc byte[Batch];
        for (ulong done = 0; done < pages; done += Batch)
        {
            Span<byte> part = resident[..(int)Math.Min(Batch, pages - done)];
            Errno error = thread.Memory!.FindResident(start + (done << AddressSpace.PageShift), part);
            if (error != Errno.Ok)
            {
                return -(long)error;
            }

            if (!UserMemory.TryWrite(registers.Rdx + done, part))
            {
                return -(long)Errno.EFAULT;
            }
        }

        return 0;
    }
}
