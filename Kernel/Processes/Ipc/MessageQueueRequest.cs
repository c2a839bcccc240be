using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Ipc;

/// <summary>What msgget(2) asks for.</summary>
internal readonly struct MessageQueueRequest(Credentials credentials, int key, int flags) : IIpcRequest<MessageQueue>
{
    /// <inheritdoc/>
    public int Key => key;

    /// <inheritdoc/>
    public int Flags => flags;

    /// <inheritdoc/>
    public Credentials Credentials => credentials;

    /// <inheritdoc/>
    public int MostObjects => IpcLimits.Queues;

    /// <inheritdoc/>
    [MightSleep]
    public Errno TryMake(out MessageQueue? made)
    {
        made = new MessageQueue(key, flags, credentials, (ulong)IpcLimits.QueueBytes);
        return Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    public void Discard(MessageQueue made)
    {
    }

    /// <inheritdoc/>
    public Errno Check(MessageQueue found) => Errno.Ok;
}
