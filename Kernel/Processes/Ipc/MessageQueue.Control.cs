using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Ipc;

// msgctl(2).
internal sealed partial class MessageQueue
{
    /// <summary>IPC_RMID: all that wait get EIDRM, and the messages are gone. Task context.</summary>
    /// <returns>EPERM; EIDRM.</returns>
    [NoAllocation]
    public Errno Remove(Credentials who)
    {
        using (Lock.Enter())
        {
            if (IsRemoved)
            {
                return Errno.EIDRM;
            }

            if (!IsOwnedBy(who) && !who.Has(Capability.SysAdmin))
            {
                return Errno.EPERM;
            }

            IsRemoved = true;
            _receivers.CompleteAll(-(int)Errno.EIDRM);
            _senders.CompleteAll(-(int)Errno.EIDRM);
            MessageQueues.Count(-(int)_count, -(long)_bytes);
            _first = null;
            _last = null;
            _count = 0;
            _bytes = 0;
            return Errno.Ok;
        }
    }

    /// <summary>IPC_SET: whoever waits looks again whether it may, and whether there is room.</summary>
    /// <returns>EPERM: it is not the caller's, or more bytes than msgmnb without CAP_SYS_RESOURCE; EIDRM; EINVAL.</returns>
    [NoAllocation]
    public Errno Set(Credentials who, in IpcPermission permission, ulong mostBytes)
    {
        using (Lock.Enter())
        {
            if (IsRemoved)
            {
                return Errno.EIDRM;
            }

            if ((!IsOwnedBy(who) && !who.Has(Capability.SysAdmin)) || (mostBytes > (ulong)IpcLimits.QueueBytes && !who.Has(Capability.SysResource)))
            {
                return Errno.EPERM;
            }

            Errno error = SetPermission(permission);
            if (error == Errno.Ok)
            {
                _mostBytes = mostBytes;
                _receivers.CompleteAll(MessageWaiter.Again);
                _senders.CompleteAll(MessageWaiter.Again);
            }

            return error;
        }
    }

    /// <summary>IPC_STAT, MSG_STAT, MSG_STAT_ANY, and /proc/sysvipc/msg.</summary>
    /// <param name="who">Whose rights count; null: nobody's.</param>
    /// <param name="description">The description.</param>
    /// <returns>EACCES; EIDRM.</returns>
    [NoAllocation]
    public Errno Describe(Credentials? who, out MessageQueueDescription description)
    {
        description = default;
        using (Lock.Enter())
        {
            if (who is not null && !IsAllowed(who, ReadAccess))
            {
                return Errno.EACCES;
            }

            if (IsRemoved)
            {
                return Errno.EIDRM;
            }

            description.Permission = DescribePermission();
            description.SendTime = _sendTime;
            description.ReceiveTime = _receiveTime;
            description.ChangeTime = ChangeTime;
            description.Bytes = _bytes;
            description.Messages = _count;
            description.MostBytes = _mostBytes;
            description.LastSender = _lastSender;
            description.LastReceiver = _lastReceiver;
            return Errno.Ok;
        }
    }
}
