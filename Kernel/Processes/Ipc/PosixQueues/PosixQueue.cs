using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Time;
using CosmosKernel.Tasks.Waiting;
using SpinLock = CosmosKernel.Machine.Locking.SpinLock;

namespace CosmosKernel.Processes.Ipc.PosixQueues;

/// <summary>
/// A POSIX message queue (mq_overview(7)), without its name. A message goes straight to a receiver that waits; a receiver of a full queue puts the message of a sender that waits into the room that it made. So who is
/// woken has got what it waited for, and neither a time-out nor a signal at the same moment loses a message.
/// </summary>
internal sealed class PosixQueue
{
    private const string SendChannel = "mq_timedsend";
    private const string ReceiveChannel = "mq_timedreceive";

    private readonly PollQueue _pollers = new("mqueue poll");
    private SpinLock _lock = new(LockClass.MessageQueue);

    [GuardedBy(nameof(_lock))]
    private readonly MessageHeap _messages;

    [GuardedBy(nameof(_lock))]
    private PosixQueueWaiters _senders;

    [GuardedBy(nameof(_lock))]
    private PosixQueueWaiters _receivers;

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private int _count;

    [GuardedBy(nameof(_lock))]
    private long _bytes;

    [GuardedBy(nameof(_lock))]
    private PosixQueueNotification? _notification;

    /// <summary>Makes an empty one. Task context.</summary>
    /// <param name="mostMessages">1 and more.</param>
    /// <param name="mostBytes">Of one message: 1 and more.</param>
    public PosixQueue(int mostMessages, int mostBytes)
    {
        _messages = new MessageHeap(mostMessages);
        MostMessages = mostMessages;
        MostBytes = mostBytes;
    }

    /// <summary>Most messages.</summary>
    public int MostMessages { get; }

    /// <summary>Most bytes of one.</summary>
    public int MostBytes { get; }

    /// <summary>Messages. A snapshot.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Sends a message. Task context.</summary>
    /// <param name="message">The message; its type is its priority.</param>
    /// <param name="mayWait">It waits for room.</param>
    /// <param name="deadline">How long.</param>
    /// <returns>0; -EAGAIN: no room; -ETIMEDOUT; -ERESTARTSYS: a signal.</returns>
    [MightSleep]
    public int Send(Message message, bool mayWait, SleepDeadline deadline)
    {
        PosixQueueWaiter? waiter = null;
        while (true)
        {
            bool mustWait;
            bool isQueued = false;
            PosixQueueNotification? told = null;
            using (_lock.Enter())
            {
                mustWait = _messages.IsFull;
                if (mustWait)
                {
                    if (waiter is not null)
                    {
                        _senders.Add(waiter);
                        TaskSleep.Prepare(WaitMode.Interruptible, SendChannel);
                    }
                }
                else if (_receivers.First is { } receiver)
                {
                    receiver.Message = message;
                    _receivers.Complete(receiver);
                }
                else
                {
                    Put(message);
                    isQueued = true;
                    told = TakeNotification();
                }
            }

            if (!mustWait)
            {
                if (isQueued)
                {
                    told?.Deliver();
                    _pollers.Wake(PollEvents.Readable);
                }

                return 0;
            }

            if (!mayWait)
            {
                return -(int)Errno.EAGAIN;
            }

            if (waiter is not null)
            {
                return Sleep(waiter, deadline, SendChannel, isSender: true);
            }

            // Made without the lock; then all is looked at again.
            waiter = new PosixQueueWaiter(TaskStruct.Current, message);
        }
    }

    /// <summary>Receives the first message of the highest priority. Task context.</summary>
    /// <param name="mayWait">It waits for one.</param>
    /// <param name="deadline">How long.</param>
    /// <param name="message">The message.</param>
    /// <returns>0; -EAGAIN: there is none; -ETIMEDOUT; -ERESTARTSYS: a signal.</returns>
    [MightSleep]
    public int Receive(bool mayWait, SleepDeadline deadline, out Message? message)
    {
        message = null;
        PosixQueueWaiter? waiter = null;
        while (true)
        {
            bool hasRoom = false;
            using (_lock.Enter())
            {
                if (_messages.Count > 0)
                {
                    message = Take();
                    if (_senders.First is { } sender)
                    {
                        Put(sender.Message!);
                        _senders.Complete(sender);
                    }
                    else
                    {
                        hasRoom = true;
                    }
                }
                else if (waiter is not null)
                {
                    _receivers.Add(waiter);
                    TaskSleep.Prepare(WaitMode.Interruptible, ReceiveChannel);
                }
            }

            if (message is not null)
            {
                if (hasRoom)
                {
                    _pollers.Wake(PollEvents.Writable);
                }

                return 0;
            }

            if (!mayWait)
            {
                return -(int)Errno.EAGAIN;
            }

            if (waiter is not null)
            {
                int result = Sleep(waiter, deadline, ReceiveChannel, isSender: false);
                message = waiter.Message;
                return result;
            }

            waiter = new PosixQueueWaiter(TaskStruct.Current, null);
        }
    }

    /// <summary>Who is told when a message comes into the empty queue (mq_notify(3)).</summary>
    /// <returns>EBUSY: somebody is already.</returns>
    [NoAllocation]
    public Errno Register(PosixQueueNotification notification)
    {
        using (_lock.Enter())
        {
            if (_notification is not null)
            {
                return Errno.EBUSY;
            }

            _notification = notification;
            return Errno.Ok;
        }
    }

    /// <summary>A process does not want to be told any more, or has closed the queue.</summary>
    /// <returns>It was to be told.</returns>
    [NoAllocation]
    public bool Unregister(int processId)
    {
        using (_lock.Enter())
        {
            bool found = _notification is { } notification && notification.ProcessId == processId;
            _notification = found ? null : _notification;
            return found;
        }
    }

    /// <summary>What the queue's file shows.</summary>
    /// <param name="bytes">Bytes of all messages.</param>
    /// <param name="notification">Who is to be told.</param>
    [NoAllocation]
    public void Describe(out long bytes, out PosixQueueNotification? notification)
    {
        using (_lock.Enter())
        {
            bytes = _bytes;
            notification = _notification;
        }
    }

    /// <summary>poll(2).</summary>
    public PollEvents Poll(PollWatcher? watcher)
    {
        _pollers.Attach(watcher);
        int count = Count;
        return (count > 0 ? PollEvents.Readable : PollEvents.None) | (count < MostMessages ? PollEvents.Writable : PollEvents.None);
    }

    [MightSleep]
    private int Sleep(PosixQueueWaiter waiter, SleepDeadline deadline, string channel, bool isSender)
    {
        while (true)
        {
            TaskSleep.Sleep(deadline.Monotonic);
            if (waiter.IsDone)
            {
                return 0;
            }

            using (_lock.Enter())
            {
                if (waiter.IsDone)
                {
                    return 0;
                }

                bool interrupted = TaskSleep.MustEnd(WaitMode.Interruptible);
                if (interrupted || deadline.HasPassed)
                {
                    if (isSender)
                    {
                        _senders.Remove(waiter);
                    }
                    else
                    {
                        _receivers.Remove(waiter);
                    }

                    return -(int)(interrupted ? Errno.ERESTARTSYS : Errno.ETIMEDOUT);
                }

                TaskSleep.Prepare(WaitMode.Interruptible, channel);
            }
        }
    }

    [RequiresLock(nameof(_lock))]
    [NoAllocation]
    private void Put(Message message)
    {
        _messages.Push(message);
        _bytes += message.Text.Length;
        Volatile.Write(ref _count, _messages.Count);
    }

    [RequiresLock(nameof(_lock))]
    [NoAllocation]
    private Message Take()
    {
        Message message = _messages.Pop();
        _bytes -= message.Text.Length;
        Volatile.Write(ref _count, _messages.Count);
        return message;
    }

    // The queue was empty before the message that was put into it: who is to be told is told, once.
    [RequiresLock(nameof(_lock))]
    [NoAllocation]
    private PosixQueueNotification? TakeNotification()
    {
        if (_messages.Count != 1)
        {
            return null;
        }

        PosixQueueNotification? told = _notification;
        _notification = null;
        return told;
    }
}
