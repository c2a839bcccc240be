using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;
using CosmosKernel.Processes.Ipc;

namespace CosmosKernel.Syscalls.Ipc;

/// <summary>msgget(2).</summary>
[SystemCall(68, "msgget", Support.All)]
internal sealed class MessageGet : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => MessageQueues.Get(thread, (int)registers.Rdi, (int)registers.Rsi);
}

/// <summary>msgsnd(2).</summary>
[SystemCall(69, "msgsnd", Support.All)]
internal sealed class MessageSend : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int id = (int)registers.Rdi;
        ulong bytes = registers.Rdx;
        if (!UserMemory.TryRead(registers.Rsi, out ulong type))
        {
            return -(long)Errno.EFAULT;
        }

        if (bytes > (ulong)IpcLimits.MessageBytes || id < 0 || (long)type < 1)
        {
            return -(long)Errno.EINVAL;
        }

        byte[] text = new byte[bytes];
        return UserMemory.TryRead(registers.Rsi + sizeof(long), text)
            ? MessageQueues.Send(thread, id, (long)type, text, ((int)registers.R10 & IpcConstants.IPC_NOWAIT) == 0)
            : -(long)Errno.EFAULT;
    }
}

/// <summary>msgrcv(2).</summary>
[SystemCall(70, "msgrcv", Support.All)]
internal sealed class MessageReceive : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int id = (int)registers.Rdi;
        ulong address = registers.Rsi;
        int flags = (int)registers.R8;
        if (id < 0 || (long)registers.Rdx < 0)
        {
            return -(long)Errno.EINVAL;
        }

        if ((flags & MessageConstants.MSG_COPY) != 0 && ((flags & MessageConstants.MSG_EXCEPT) != 0 || (flags & IpcConstants.IPC_NOWAIT) == 0))
        {
            return -(long)Errno.EINVAL;
        }

        long result = MessageQueues.Receive(thread, id, (long)registers.R10, registers.Rdx, flags, out long type, out byte[] text);
        if (result < 0)
        {
            return result;
        }

        // A message that cannot be written is lost: it was received (msgrcv(2)).
        return UserMemory.TryWrite(address, (ulong)type) && UserMemory.TryWrite(address + sizeof(long), text.AsSpan(0, (int)result)) ? result : -(long)Errno.EFAULT;
    }
}

/// <summary>msgctl(2).</summary>
[SystemCall(71, "msgctl", Support.All)]
internal sealed class MessageControl : SystemCall
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
            case MessageConstants.MSG_INFO:
                return WriteInformation(registers.Rdx, command == MessageConstants.MSG_INFO);
            case IpcConstants.IPC_STAT:
            case MessageConstants.MSG_STAT:
            case MessageConstants.MSG_STAT_ANY:
                long found = MessageQueues.Describe(
                    command == MessageConstants.MSG_STAT_ANY ? null : thread.Credentials, id, command != IpcConstants.IPC_STAT, out MessageQueueDescription description);
                return found >= 0 && !new UserPointer<MessageQueueDescription>(registers.Rdx).TryWrite(description) ? -(long)Errno.EFAULT : found;
            case IpcConstants.IPC_SET:
                return new UserPointer<MessageQueueDescription>(registers.Rdx).TryRead(out MessageQueueDescription wanted)
                    ? MessageQueues.Set(thread, id, wanted.Permission, wanted.MostBytes)
                    : -(long)Errno.EFAULT;
            case IpcConstants.IPC_RMID:
                return MessageQueues.Remove(thread, id);
            default:
                return -(long)Errno.EINVAL;
        }
    }

    [MightSleep]
    private static long WriteInformation([UserAddress] ulong address, bool isUse)
    {
        MessageInformation information = new()
        {
            PoolOrQueues = isUse ? MessageQueues.Queues : MessageConstants.Pool,
            MapOrMessages = isUse ? (int)MessageQueues.Messages : MessageConstants.Map,
            MostOfMessage = IpcLimits.MessageBytes,
            MostOfQueue = IpcLimits.QueueBytes,
            MostQueues = IpcLimits.Queues,
            SegmentBytes = MessageConstants.SegmentBytes,
            HeadersOrBytes = isUse ? (int)MessageQueues.Bytes : MessageConstants.Map,
            Segments = MessageConstants.Segments,
        };
        return new UserPointer<MessageInformation>(address).TryWrite(information) ? MessageQueues.GreatestIndex : -(long)Errno.EFAULT;
    }
}
