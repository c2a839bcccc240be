using System;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Sockets;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Sockets;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Sockets;

/// <summary>sendto(2), and send(2) in the C library.</summary>
[SystemCall(44, "sendto", Support.All)]
internal sealed class SendToCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        ulong count = registers.Rdx;
        if (!UserMemory.IsRange(registers.Rsi, count))
        {
            return -(long)Errno.EFAULT;
        }

        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        Errno error = SocketArguments.Get(reference.File, out SocketFile file);
        Span<byte> buffer = stackalloc byte[SocketLimits.AddressBytes];
        scoped ReadOnlySpan<byte> address = default;
        error = error == Errno.Ok && registers.R8 != 0 ? SocketArguments.ReadAddress(registers.R8, (int)registers.R9, buffer, out address) : error;
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        scoped var message = new OutgoingMessage { Address = address, Walk = address.IsEmpty ? default : SocketArguments.WalkOf(thread) };
        scoped var source = new DataSource(registers.Rsi, (long)Math.Min(count, PathLimits.TransferMaximum));
        return file.Socket.Send(ref source, ref message, SocketArguments.FlagsOf(file, (uint)registers.R10));
    }
}

/// <summary>recvfrom(2), and recv(2) in the C library.</summary>
[SystemCall(45, "recvfrom", Support.All)]
internal sealed class ReceiveFromCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        ulong count = registers.Rdx;
        if (!UserMemory.IsRange(registers.Rsi, count))
        {
            return -(long)Errno.EFAULT;
        }

        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        Errno error = SocketArguments.Get(reference.File, out SocketFile file);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        var sink = new DataSink(registers.Rsi, (long)Math.Min(count, PathLimits.TransferMaximum));
        IncomingMessage message = default;
        long done = file.Socket.Receive(ref sink, ref message, SocketArguments.FlagsOf(file, (uint)registers.R10));
        message.Files?.Release();
        if (done >= 0 && registers.R8 != 0)
        {
            error = SocketArguments.WriteAddress(message.Address, registers.R8, registers.R9);
        }

        return error == Errno.Ok ? done : -(long)error;
    }
}

/// <summary>sendmsg(2).</summary>
[SystemCall(46, "sendmsg", Support.All)]
internal sealed class SendMessageCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if (((MessageFlags)(uint)registers.Rdx & MessageFlags.Compatible) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        Errno error = SocketArguments.Get(reference.File, out SocketFile file);
        return error == Errno.Ok ? MessageTransfer.Send(thread, file, registers.Rsi, SocketArguments.FlagsOf(file, (uint)registers.Rdx)) : -(long)error;
    }
}

/// <summary>recvmsg(2).</summary>
[SystemCall(47, "recvmsg", Support.All)]
internal sealed class ReceiveMessageCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if (((MessageFlags)(uint)registers.Rdx & MessageFlags.Compatible) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        Errno error = SocketArguments.Get(reference.File, out SocketFile file);
        return error == Errno.Ok ? MessageTransfer.Receive(thread, file, registers.Rsi, SocketArguments.FlagsOf(file, (uint)registers.Rdx), out _) : -(long)error;
    }
}

/// <summary>sendmmsg(2).</summary>
[SystemCall(307, "sendmmsg", Support.All)]
internal sealed class SendMessagesCall : SystemCall
{
    /// <summary>Bytes of struct mmsghdr.</summary>
    internal const ulong EntryBytes = 64;

    /// <summary>Where in it the length of the message goes.</summary>
    internal const ulong LengthOffset = 56;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if (((MessageFlags)(uint)registers.R10 & MessageFlags.Compatible) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        Errno error = SocketArguments.Get(reference.File, out SocketFile file);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        uint count = Math.Min((uint)registers.Rdx, PathLimits.VectorMaximum);
        long result = 0;
        uint sent = 0;
        for (; sent < count; sent++)
        {
            ulong entry = registers.Rsi + (sent * EntryBytes);
            result = MessageTransfer.Send(thread, file, entry, SocketArguments.FlagsOf(file, (uint)registers.R10));
            if (result >= 0 && !UserMemory.TryWrite(entry + LengthOffset, (uint)result))
            {
                result = -(long)Errno.EFAULT;
            }

            if (result < 0)
            {
                break;
            }
        }

        // What went wrong is told only if nothing was sent before.
        return sent > 0 ? sent : Math.Min(result, 0);
    }
}

/// <summary>recvmmsg(2).</summary>
[SystemCall(299, "recvmmsg", Support.All)]
internal sealed class ReceiveMessagesCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        var flags = (MessageFlags)(uint)registers.R10;
        if ((flags & MessageFlags.Compatible) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        long end = 0;
        if (registers.R8 != 0)
        {
            if (!new UserPointer<Timespec>(registers.R8).TryRead(out Timespec timeout))
            {
                return -(long)Errno.EFAULT;
            }

            if (!timeout.IsValid)
            {
                return -(long)Errno.EINVAL;
            }

            end = WaitClock.After(timeout.ToNanoseconds());
        }

        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        Errno error = SocketArguments.Get(reference.File, out SocketFile file);
        error = error == Errno.Ok ? file.Socket.TakeError() : error;
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        long received = ReceiveAll(thread, file, registers.Rsi, (uint)registers.Rdx, flags, registers.R8 != 0, end);
        if (received > 0 && registers.R8 != 0)
        {
            long left = Math.Max(end - (long)Clock.MonotonicNanoseconds, 0);
            if (!new UserPointer<Timespec>(registers.R8).TryWrite(Timespec.FromNanoseconds(left)))
            {
                return -(long)Errno.EFAULT;
            }
        }

        return received;
    }

    // The time is looked at after each message only: a wait for the next one has no end of its own (recvmmsg(2), BUGS).
    [MightSleep]
    private static long ReceiveAll(UserThread thread, SocketFile file, [UserAddress] ulong address, uint count, MessageFlags flags, bool isTimed, long end)
    {
        for (uint received = 0; received < count;)
        {
            ulong entry = address + (received * SendMessagesCall.EntryBytes);
            long result = MessageTransfer.Receive(thread, file, entry, SocketArguments.FlagsOf(file, (uint)(flags & ~MessageFlags.WaitForOne)), out MessageFlags told);
            if (result >= 0 && !UserMemory.TryWrite(entry + SendMessagesCall.LengthOffset, (uint)result))
            {
                result = -(long)Errno.EFAULT;
            }

            if (result < 0)
            {
                if (received == 0)
                {
                    return result;
                }

                // The next call tells it.
                if (-result is not ((long)Errno.EAGAIN or (long)Errno.ERESTARTSYS or (long)Errno.EINTR))
                {
                    file.Socket.SetError((Errno)(-result));
                }

                return received;
            }

            received++;
            flags |= (flags & MessageFlags.WaitForOne) != 0 ? MessageFlags.DontWait : MessageFlags.None;
            if ((isTimed && (long)Clock.MonotonicNanoseconds >= end) || (told & MessageFlags.OutOfBand) != 0 || received == count)
            {
                return received;
            }
        }

        return 0;
    }
}
