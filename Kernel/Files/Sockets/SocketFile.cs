using CosmosKernel.Abi;
using CosmosKernel.Abi.Sockets;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Network;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Files.Sockets;

/// <summary>An open socket: what descriptors refer to (socket(2)). What it can do, its <see cref="Socket"/> does.</summary>
public sealed class SocketFile : OpenFile
{
    internal SocketFile(Socket socket, SocketInode inode, OpenFlags flags)
        : base(default, inode, OpenFlags.ReadWrite | (flags & OpenFlags.NonBlocking))
    {
        Socket = socket;
    }

    /// <summary>The socket.</summary>
    public Socket Socket { get; }

    /// <inheritdoc/>
    public override string Description => $"socket:[{Inode.Number}]";

    /// <summary>How often it is in messages.</summary>
    [GuardedBy(typeof(FilesInFlight), "s_lock", LockFreeReads = true)]
    internal int InFlight { get; set; }

    [GuardedBy(typeof(FilesInFlight), "s_lock")]
    internal SocketFile? NextInFlight { get; set; }

    [GuardedBy(typeof(FilesInFlight), "s_lock")]
    internal SocketFile? PreviousInFlight { get; set; }

    [GuardedBy(typeof(FilesInFlight), "s_lock")]
    internal Suspicion Suspicion { get; set; }

    /// <summary>References that no suspect's message explains, in a search.</summary>
    [GuardedBy(typeof(FilesInFlight), "s_lock")]
    internal int Unexplained { get; set; }

    [GuardedBy(typeof(FilesInFlight), "s_lock")]
    internal SocketFile? NextSuspect { get; set; }

    [GuardedBy(typeof(FilesInFlight), "s_lock")]
    internal SocketFile? NextToVisit { get; set; }

    [GuardedBy(typeof(SocketRelease), "s_lock")]
    internal int PendingReleases { get; set; }

    [GuardedBy(typeof(SocketRelease), "s_lock")]
    internal SocketFile? NextToRelease { get; set; }

    /// <inheritdoc/>
    [MightSleep]
    public override long Read(ref DataSink to, long offset)
    {
        // Nothing is asked for, nothing is waited for; recv(2) is different.
        if (to.Remaining == 0)
        {
            return 0;
        }

        IncomingMessage message = default;
        long done = Socket.Receive(ref to, ref message, IsNonBlocking ? MessageFlags.DontWait : MessageFlags.None);

        // read(2) has no way to give them.
        message.Files?.Release();
        return done;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Write(ref DataSource from, long offset)
    {
        OutgoingMessage message = default;
        return Socket.Send(ref from, ref message, IsNonBlocking ? MessageFlags.DontWait : MessageFlags.None);
    }

    /// <inheritdoc/>
    public override bool SupportsAsync => true;

    /// <inheritdoc/>
    [MightSleep]
    public override long Control(uint request, [UserAddress] ulong argument)
    {
        switch (request)
        {
            case SocketRequest.SetOwner:
            case SocketRequest.SetGroup:
                if (!UserMemory.TryRead(argument, out uint owner))
                {
                    return -(long)Errno.EFAULT;
                }

                return -(long)SetOwnerNumber((int)owner);
            case SocketRequest.GetOwner:
            case SocketRequest.GetGroup:
                return UserMemory.TryWrite(argument, (uint)OwnerNumber) ? 0 : -(long)Errno.EFAULT;
            default:
                long value = Socket.Control(request);
                if (value == -(long)Errno.ENOTTY)
                {
                    return -(long)InterfaceRequests.Answer(request, argument);
                }

                return value < 0 ? value : UserMemory.TryWrite(argument, (uint)value) ? 0 : -(long)Errno.EFAULT;
        }
    }

    /// <inheritdoc/>
    public override PollEvents Poll(PollWatcher? watcher) => Socket.Poll(watcher);

    /// <inheritdoc/>
    [MightSleep]
    protected override void ReferenceGone()
    {
        // Perhaps only messages have it now.
        if (InFlight > 0)
        {
            FilesInFlight.NoteClosed();
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override void Closed() => Socket.Close();
}
