using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;
using CosmosKernel.Processes.Ipc.PosixQueues;

namespace CosmosKernel.Syscalls.Ipc;

/// <summary>mq_open(2).</summary>
[SystemCall(240, "mq_open", Support.All)]
internal sealed class QueueOpen : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        QueueAttributes? attributes = null;
        if (registers.R10 != 0)
        {
            if (!new UserPointer<QueueAttributes>(registers.R10).TryRead(out QueueAttributes wanted))
            {
                return -(long)Errno.EFAULT;
            }

            attributes = wanted;
        }

        byte[] buffer = new byte[PathLimits.PathMaximum];
        int length = UserMemory.ReadString(registers.Rdi, buffer);
        return length < 0 ? length : PosixQueues.Open(thread, buffer.AsSpan(0, length), (OpenFlags)(int)registers.Rsi, (uint)registers.Rdx, attributes);
    }
}

/// <summary>mq_unlink(2).</summary>
[SystemCall(241, "mq_unlink", Support.All)]
internal sealed class QueueUnlink : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        byte[] buffer = new byte[PathLimits.PathMaximum];
        int length = UserMemory.ReadString(registers.Rdi, buffer);
        return length < 0 ? length : PosixQueues.Unlink(thread, buffer.AsSpan(0, length));
    }
}

/// <summary>mq_timedsend(2).</summary>
[SystemCall(242, "mq_timedsend", Support.All)]
internal sealed class QueueTimedSend : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        uint priority = (uint)registers.R10;
        Errno error = QueueArguments.TryReadTimeout(registers.R8, out Timespec? timeout);
        if (error == Errno.Ok && priority >= QueueConstants.Priorities)
        {
            error = Errno.EINVAL;
        }

        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        if (reference.File is not { IsWritable: true } file || PosixQueues.LongestMessage(file) < 0)
        {
            return -(long)Errno.EBADF;
        }

        if (registers.Rdx > (ulong)PosixQueues.LongestMessage(file))
        {
            return -(long)Errno.EMSGSIZE;
        }

        byte[] text = new byte[registers.Rdx];
        if (!UserMemory.TryRead(registers.Rsi, text))
        {
            return -(long)Errno.EFAULT;
        }

        WaitClock.Set(thread, timeout?.ToNanoseconds(), isRealtime: true);
        try
        {
            return PosixQueues.Send(file, priority, text, thread.Deadline);
        }
        finally
        {
            thread.Deadline.Clear();
        }
    }
}

/// <summary>mq_timedreceive(2).</summary>
[SystemCall(243, "mq_timedreceive", Support.All)]
internal sealed class QueueTimedReceive : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = QueueArguments.TryReadTimeout(registers.R8, out Timespec? timeout);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        if (reference.File is not { IsReadable: true } file || PosixQueues.LongestMessage(file) < 0)
        {
            return -(long)Errno.EBADF;
        }

        if (registers.Rdx < (ulong)PosixQueues.LongestMessage(file))
        {
            return -(long)Errno.EMSGSIZE;
        }

        WaitClock.Set(thread, timeout?.ToNanoseconds(), isRealtime: true);
        long result;
        uint priority;
        byte[] text;
        try
        {
            result = PosixQueues.Receive(file, thread.Deadline, out priority, out text);
        }
        finally
        {
            thread.Deadline.Clear();
        }

        if (result < 0)
        {
            return result;
        }

        bool isWritten = (registers.R10 == 0 || UserMemory.TryWrite(registers.R10, priority)) && UserMemory.TryWrite(registers.Rsi, text);
        return isWritten ? text.Length : -(long)Errno.EFAULT;
    }
}

/// <summary>mq_notify(2).</summary>
[SystemCall(244, "mq_notify", Support.Some, "SIGEV_THREAD, which wants a netlink socket, gives EBADF, ENOTSOCK or EINVAL: there is no AF_NETLINK.")]
internal sealed class QueueNotify : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        SignalEvent wanted = default;
        if (registers.Rsi != 0)
        {
            if (!new UserPointer<SignalEvent>(registers.Rsi).TryRead(out wanted))
            {
                return -(long)Errno.EFAULT;
            }

            Errno error = Check(thread, wanted);
            if (error != Errno.Ok)
            {
                return -(long)error;
            }
        }

        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        if (reference.File is not { } file || PosixQueues.LongestMessage(file) < 0)
        {
            return -(long)Errno.EBADF;
        }

        if (registers.Rsi == 0)
        {
            PosixQueues.Unregister(thread, file);
            return 0;
        }

        return -(long)PosixQueues.Register(thread, file, wanted.Notify, wanted.Signal, wanted.Value);
    }

    // SIGEV_THREAD as the system call has it: a netlink socket in place of the signal, and what it would get.
    [MightSleep]
    private static Errno Check(UserThread thread, in SignalEvent wanted)
    {
        switch (wanted.Notify)
        {
            case TimerConstants.NotifyNone:
                return Errno.Ok;
            case TimerConstants.NotifySignal:
                return (uint)wanted.Signal <= Signal.SIGRTMAX ? Errno.Ok : Errno.EINVAL;
            case TimerConstants.NotifyThread:
                Span<byte> cookie = stackalloc byte[QueueConstants.CookieBytes];
                if (!UserMemory.TryRead(wanted.Value, cookie))
                {
                    return Errno.EFAULT;
                }

                using (FileReference reference = thread.Files!.Get(wanted.Signal))
                {
                    return reference.File is not { } file ? Errno.EBADF : FileMode.Is(file.Inode.Mode, FileMode.Socket) ? Errno.EINVAL : Errno.ENOTSOCK;
                }

            default:
                return Errno.EINVAL;
        }
    }
}

/// <summary>mq_getsetattr(2).</summary>
[SystemCall(245, "mq_getsetattr", Support.All)]
internal sealed class QueueGetSetAttributes : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        QueueAttributes wanted = default;
        if (registers.Rsi != 0 && !new UserPointer<QueueAttributes>(registers.Rsi).TryRead(out wanted))
        {
            return -(long)Errno.EFAULT;
        }

        if ((wanted.Flags & ~(long)OpenFlags.NonBlocking) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        if (reference.File is not { } file || PosixQueues.LongestMessage(file) < 0)
        {
            return -(long)Errno.EBADF;
        }

        QueueAttributes old = PosixQueues.Describe(file);
        if (registers.Rsi != 0)
        {
            _ = file.SetFlags((file.Flags & ~OpenFlags.NonBlocking) | (OpenFlags)(int)wanted.Flags);
        }

        return registers.Rdx != 0 && !new UserPointer<QueueAttributes>(registers.Rdx).TryWrite(old) ? -(long)Errno.EFAULT : 0;
    }
}
