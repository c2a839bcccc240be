using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Sockets;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Sockets;

/// <summary>setsockopt(2).</summary>
[SystemCall(54, "setsockopt", Support.Some, "SO_ATTACH_FILTER and other filters, SO_BUSY_POLL, SO_TXTIME, SO_ZEROCOPY and what else only networks use give ENOPROTOOPT")]
internal sealed class SetOptionCall : SystemCall
{
    private const int LongestValue = 64;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int length = (int)registers.R8;
        if (length < 0)
        {
            return -(long)Errno.EINVAL;
        }

        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        Errno error = SocketArguments.Get(reference.File, out SocketFile file);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        Span<byte> value = stackalloc byte[LongestValue];
        value = value[..Math.Min(length, LongestValue)];

        // Too short is an error before it cannot be read.
        if (length >= sizeof(int) && !UserMemory.TryRead(registers.R10, value))
        {
            return -(long)Errno.EFAULT;
        }

        return -(long)file.Socket.SetOption((int)registers.Rsi, (int)registers.Rdx, value);
    }
}

/// <summary>getsockopt(2).</summary>
[SystemCall(55, "getsockopt", Support.Some, "options that only networks and filters use give ENOPROTOOPT")]
internal sealed class GetOptionCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        Errno error = SocketArguments.Get(reference.File, out SocketFile file);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        if (!UserMemory.TryRead(registers.R8, out uint length))
        {
            return -(long)Errno.EFAULT;
        }

        int room = (int)length;
        if (room < 0)
        {
            return -(long)Errno.EINVAL;
        }

        error = file.Socket.GetOption((int)registers.Rsi, (int)registers.Rdx, room, out byte[] value, out int needed);
        if (error == Errno.ERANGE)
        {
            return UserMemory.TryWrite(registers.R8, (uint)needed) ? -(long)Errno.ERANGE : -(long)Errno.EFAULT;
        }

        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        int told = Math.Min(room, value.Length);
        return UserMemory.TryWrite(registers.R10, value.AsSpan(0, told)) && UserMemory.TryWrite(registers.R8, (uint)told) ? 0 : -(long)Errno.EFAULT;
    }
}
