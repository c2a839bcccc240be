using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Processes.Ipc;

/// <summary>
/// A message queue of System V (msgget(2)). A message goes straight to a receiver that waits for it; a receiver that makes room puts the messages of senders that wait into the queue, in the order in which they
/// came. So who is woken has got what it waited for.
/// </summary>
internal sealed partial class MessageQueue : IpcObject
{
    private const string SendChannel = "msgsnd";
    private const string ReceiveChannel = "msgrcv";
    private const uint ReadAccess = 0x124;
    private const uint WriteAccess = 0x92;

    [GuardedBy(typeof(IpcObject), nameof(Lock))]
    private MessageWaiters _senders;

    [GuardedBy(typeof(IpcObject), nameof(Lock))]
    private MessageWaiters _receivers;

    [GuardedBy(typeof(IpcObject), nameof(Lock))]
    private Message? _first;

    [GuardedBy(typeof(IpcObject), nameof(Lock))]
    private Message? _last;

    [GuardedBy(typeof(IpcObject), nameof(Lock))]
    private ulong _bytes;

    [GuardedBy(typeof(IpcObject), nameof(Lock))]
    private ulong _count;

    [GuardedBy(typeof(IpcObject), nameof(Lock))]
    private ulong _mostBytes;

    [GuardedBy(typeof(IpcObject), nameof(Lock))]
    private long _sendTime;

    [GuardedBy(typeof(IpcObject), nameof(Lock))]
    private long _receiveTime;

    [GuardedBy(typeof(IpcObject), nameof(Lock))]
    private int _lastSender;

    [GuardedBy(typeof(IpcObject), nameof(Lock))]
    private int _lastReceiver;

    /// <summary>Makes an empty one. Task context.</summary>
    public MessageQueue(int key, int flags, Credentials owner, ulong mostBytes)
        : base(key, flags, owner)
    {
        _mostBytes = mostBytes;
    }

    /// <summary>Sends a message. Task context.</summary>
    /// <param name="who">Whose rights count.</param>
    /// <param name="waiter">Who sends, with the message.</param>
    /// <param name="mayWait">It waits for room.</param>
    /// <returns>0; -EACCES; -EIDRM; -EAGAIN: no room; -ERESTARTNOHAND: a signal.</returns>
    [MightSleep]
    public int Send(Credentials who, MessageWaiter waiter, bool mayWait)
    {
        while (true)
        {
            using (Lock.Enter())
            {
                int begun = BeginSend(who, waiter);
                if (begun != MessageWaiter.Pending)
                {
                    return begun;
                }

                if (!mayWait)
                {
                    return -(int)Errno.EAGAIN;
                }

                _senders.Add(waiter);
                TaskSleep.Prepare(WaitMode.Interruptible, SendChannel);
            }

            int result = Sleep(waiter, isSender: true);
            if (result != MessageWaiter.Again)
            {
                return result;
            }
        }
    }

    /// <summary>Receives a message. Task context.</summary>
    /// <param name="who">Whose rights count.</param>
    /// <param name="waiter">Who receives, with what it wants; it gets the message.</param>
    /// <param name="mayWait">It waits for a message.</param>
    /// <returns>0; -EACCES; -EIDRM; -E2BIG: the message is too long; -ENOMSG: there is none; -ERESTARTNOHAND: a signal.</returns>
    [MightSleep]
    public int Receive(Credentials who, MessageWaiter waiter, bool mayWait)
    {
        while (true)
        {
            using (Lock.Enter())
            {
                int begun = BeginReceive(who, waiter);
                if (begun != MessageWaiter.Pending)
                {
                    return begun;
                }

                if (!mayWait)
                {
                    return -(int)Errno.ENOMSG;
                }

                _receivers.Add(waiter);
                TaskSleep.Prepare(WaitMode.Interruptible, ReceiveChannel);
            }

            int result = Sleep(waiter, isSender: false);
            if (result != MessageWaiter.Again)
            {
                return result;
            }
        }
    }

    [MightSleep]
    private int Sleep(MessageWaiter waiter, bool isSender)
    {
        while (true)
        {
            TaskSleep.Sleep(Scheduler.Never);
            if (waiter.Result is not MessageWaiter.Pending and var result)
            {
                return result;
            }

            using (Lock.Enter())
            {
                if (waiter.Result is not MessageWaiter.Pending and var late)
                {
                    return late;
                }

                if (TaskSleep.MustEnd(WaitMode.Interruptible))
                {
                    if (isSender)
                    {
                        _senders.Remove(waiter);
                    }
                    else
                    {
                        _receivers.Remove(waiter);
                    }

                    return -(int)Errno.ERESTARTNOHAND;
                }

                TaskSleep.Prepare(WaitMode.Interruptible, isSender ? SendChannel : ReceiveChannel);
            }
        }
    }

    [RequiresLock(typeof(IpcObject), nameof(Lock))]
    [NoAllocation]
    private int BeginSend(Credentials who, MessageWaiter waiter)
    {
        if (!IsAllowed(who, WriteAccess))
        {
            return -(int)Errno.EACCES;
        }

        if (IsRemoved)
        {
            return -(int)Errno.EIDRM;
        }

        Message message = waiter.Message!;
        if (!Fits(message))
        {
            return MessageWaiter.Pending;
        }

        Deliver(message, waiter.ProcessId);
        return 0;
    }

    [RequiresLock(typeof(IpcObject), nameof(Lock))]
    [NoAllocation]
    private int BeginReceive(Credentials who, MessageWaiter waiter)
    {
        if (!IsAllowed(who, ReadAccess))
        {
            return -(int)Errno.EACCES;
        }

        if (IsRemoved)
        {
            return -(int)Errno.EIDRM;
        }

        MessageSelection selection = waiter.Selection;
        if (Find(selection) is not { } found)
        {
            return MessageWaiter.Pending;
        }

        if (!selection.Takes(found.Text.Length))
        {
            return -(int)Errno.E2BIG;
        }

        if (selection.Rule == MessageRule.Number && (ulong)found.Text.Length > selection.MostBytes)
        {
            // A copy is not cut.
            return -(int)Errno.EINVAL;
        }

        waiter.Message = found;
        if (selection.Rule == MessageRule.Number)
        {
            return 0;
        }

        Unlink(found);
        _receiveTime = Now;
        _lastReceiver = waiter.ProcessId;
        ServeSenders();
        return 0;
    }

    [RequiresLock(typeof(IpcObject), nameof(Lock))]
    [NoAllocation]
    private bool Fits(Message message) => (ulong)message.Text.Length + _bytes <= _mostBytes && _count + 1 <= _mostBytes;

    // To the first receiver that waits for it; one whose buffer is too short learns that and goes on. Else into the queue.
    [RequiresLock(typeof(IpcObject), nameof(Lock))]
    [NoAllocation]
    private void Deliver(Message message, int sender)
    {
        _lastSender = sender;
        _sendTime = Now;
        MessageWaiter? receiver = _receivers.First;
        while (receiver is not null)
        {
            MessageWaiter? next = receiver.Next;
            if (receiver.Selection.Matches(message.Type))
            {
                if (receiver.Selection.Takes(message.Text.Length))
                {
                    receiver.Message = message;
                    _lastReceiver = receiver.ProcessId;
                    _receiveTime = _sendTime;
                    _receivers.Complete(receiver, 0);
                    return;
                }

                _receivers.Complete(receiver, -(int)Errno.E2BIG);
            }

            receiver = next;
        }

        message.Previous = _last;
        message.Next = null;
        if (_last is { } last)
        {
            last.Next = message;
        }
        else
        {
            _first = message;
        }

        _last = message;
        _bytes += (ulong)message.Text.Length;
        _count++;
        MessageQueues.Count(1, message.Text.Length);
    }

    [RequiresLock(typeof(IpcObject), nameof(Lock))]
    [NoAllocation]
    private void Unlink(Message message)
    {
        if (message.Previous is { } previous)
        {
            previous.Next = message.Next;
        }
        else
        {
            _first = message.Next;
        }

        if (message.Next is { } next)
        {
            next.Previous = message.Previous;
        }
        else
        {
            _last = message.Previous;
        }

        message.Next = null;
        message.Previous = null;
        _bytes -= (ulong)message.Text.Length;
        _count--;
        MessageQueues.Count(-1, -message.Text.Length);
    }

    // There is room: the messages of senders that wait and that fit now.
    [RequiresLock(typeof(IpcObject), nameof(Lock))]
    [NoAllocation]
    private void ServeSenders()
    {
        MessageWaiter? sender = _senders.First;
        while (sender is not null)
        {
            MessageWaiter? next = sender.Next;
            Message message = sender.Message!;
            if (Fits(message))
            {
                int process = sender.ProcessId;
                _senders.Complete(sender, 0);
                Deliver(message, process);
            }

            sender = next;
        }
    }

    [RequiresLock(typeof(IpcObject), nameof(Lock))]
    [NoAllocation]
    private Message? Find(in MessageSelection selection)
    {
        Message? found = null;
        long number = 0;
        for (Message? message = _first; message is not null; message = message.Next)
        {
            if (selection.Rule == MessageRule.Number ? number++ == selection.Type : selection.Matches(message.Type))
            {
                if (selection.Rule != MessageRule.Least)
                {
                    return message;
                }

                found = found is null || message.Type < found.Type ? message : found;
            }
        }

        return found;
    }
}
