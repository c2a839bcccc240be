using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Ipc;

/// <summary>Message queues of System V (msgget(2), msgsnd(2), msgrcv(2), msgctl(2)). Task context. Results are 0 and more, or a negative errno.</summary>
public static class MessageQueues
{
    [Atomic]
    private static long s_messages;

    [Atomic]
    private static long s_bytes;

    /// <summary>All queues.</summary>
    internal static IpcTable<MessageQueue> Table { get; } = new("message queues");

    /// <summary>Messages in all queues. A snapshot.</summary>
    public static long Messages => Volatile.Read(ref s_messages);

    /// <summary>Bytes in all queues. A snapshot.</summary>
    public static long Bytes => Volatile.Read(ref s_bytes);

    /// <summary>Queues. A snapshot.</summary>
    public static int Queues => Table.Count;

    /// <summary>The greatest index in use, 0 for none: what IPC_INFO returns.</summary>
    public static int GreatestIndex
    {
        [MightSleep]
        get => Table.GreatestIndex;
    }

    /// <summary>Finds or makes a queue (msgget(2)).</summary>
    [MightSleep]
    public static long Get(UserThread thread, int key, int flags) => Table.Get<MessageQueueRequest>(new MessageQueueRequest(thread.Credentials, key, flags), out _);

    /// <summary>Sends a message (msgsnd(2)).</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="id">The queue.</param>
    /// <param name="type">1 and more.</param>
    /// <param name="text">The text; the queue keeps it.</param>
    /// <param name="mayWait">It waits for room.</param>
    [MightSleep]
    public static long Send(UserThread thread, int id, long type, byte[] text, bool mayWait) =>
        Table.Find(id) is { } queue
            ? queue.Send(thread.Credentials, new MessageWaiter(thread.Task, thread.Process.Id) { Message = new Message(type, text) }, mayWait)
            : -(long)Errno.EINVAL;

    /// <summary>Receives a message (msgrcv(2)).</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="id">The queue.</param>
    /// <param name="selection">Which message.</param>
    /// <param name="mayWait">It waits for one.</param>
    /// <param name="message">The message.</param>
    [MightSleep]
    internal static long Receive(UserThread thread, int id, in MessageSelection selection, bool mayWait, out Message? message)
    {
        message = null;
        if (Table.Find(id) is not { } queue)
        {
            return -(long)Errno.EINVAL;
        }

        MessageWaiter waiter = new(thread.Task, thread.Process.Id) { Selection = selection };
        int result = queue.Receive(thread.Credentials, waiter, mayWait);
        message = waiter.Message;
        return result;
    }

    /// <summary>Receives a message (msgrcv(2)).</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="id">The queue.</param>
    /// <param name="type">Of the message, as the flags say.</param>
    /// <param name="bytes">The longest text.</param>
    /// <param name="flags">Of the call; they go together.</param>
    /// <param name="receivedType">The type of the message.</param>
    /// <param name="text">Its text, which is not to be changed.</param>
    /// <returns>Bytes of the text that the caller gets.</returns>
    [MightSleep]
    public static long Receive(UserThread thread, int id, long type, ulong bytes, int flags, out long receivedType, out byte[] text)
    {
        long result = Receive(thread, id, MessageSelection.Of(type, bytes, flags), (flags & IpcConstants.IPC_NOWAIT) == 0, out Message? message);
        receivedType = message?.Type ?? 0;
        text = message?.Text ?? [];
        return result < 0 ? result : (long)Math.Min(bytes, (ulong)text.Length);
    }

    /// <summary>Removes a queue (IPC_RMID).</summary>
    [MightSleep]
    public static long Remove(UserThread thread, int id)
    {
        if (Table.Find(id) is not { } queue)
        {
            return -(long)Errno.EINVAL;
        }

        Errno error = queue.Remove(thread.Credentials);
        if (error == Errno.Ok)
        {
            Table.Remove(queue);
        }

        return -(long)error;
    }

    /// <summary>Sets owner, permissions and size (IPC_SET).</summary>
    [MightSleep]
    public static long Set(UserThread thread, int id, in IpcPermission permission, ulong mostBytes) =>
        Table.Find(id) is { } queue ? -(long)queue.Set(thread.Credentials, permission, mostBytes) : -(long)Errno.EINVAL;

    /// <summary>Describes a queue (IPC_STAT, MSG_STAT, MSG_STAT_ANY).</summary>
    /// <param name="who">Whose rights count; null: nobody's.</param>
    /// <param name="id">The id or, with <paramref name="byIndex"/>, the index.</param>
    /// <param name="byIndex">It is an index: the result is the id.</param>
    /// <param name="description">The description.</param>
    [MightSleep]
    public static long Describe(Credentials? who, int id, bool byIndex, out MessageQueueDescription description)
    {
        description = default;
        if ((byIndex ? Table.At(id) : Table.Find(id)) is not { } queue)
        {
            return -(long)Errno.EINVAL;
        }

        Errno error = queue.Describe(who, out description);
        return error != Errno.Ok ? -(long)error : byIndex ? queue.Id : 0;
    }

    /// <summary>Messages came into a queue or left it. Any context.</summary>
    [NoAllocation]
    internal static void Count(int messages, long bytes)
    {
        Interlocked.Add(ref s_messages, messages);
        Interlocked.Add(ref s_bytes, bytes);
    }
}
