using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Sockets;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Polling;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Sockets;

/// <summary>
/// An end of a communication (socket(7)), of whatever family. System calls find it through its <see cref="SocketFile"/>. All operations are called in task context without a lock, by any number of tasks at once,
/// and return <see cref="Errno.Ok"/> or an error, or a count or a negative errno; nothing is thrown.
/// </summary>
public abstract class Socket
{
    [Atomic]
    private SocketFile? _file;

    [Atomic]
    private int _error;

    /// <summary>Makes one without a file.</summary>
    protected Socket(int family, int type, int protocol)
    {
        Family = family;
        Type = type;
        Protocol = protocol;
    }

    /// <summary>SO_DOMAIN.</summary>
    public int Family { get; }

    /// <summary>SO_TYPE: <see cref="SocketType"/>.</summary>
    public int Type { get; }

    /// <summary>SO_PROTOCOL.</summary>
    public int Protocol { get; }

    /// <summary>Its file; null as long as a connection waits to be accepted.</summary>
    public SocketFile? File => Volatile.Read(ref _file);

    /// <summary>What setsockopt(2) has set.</summary>
    internal SocketOptions Options { get; } = new();

    /// <summary>Makes a socket (socket(2)).</summary>
    /// <param name="family">AF_*.</param>
    /// <param name="type">SOCK_*, without flags.</param>
    /// <param name="protocol">0, or the family's number.</param>
    /// <param name="socket">It has no file yet.</param>
    /// <returns>EAFNOSUPPORT, EINVAL, ESOCKTNOSUPPORT, EPROTONOSUPPORT.</returns>
    public static Errno Create(int family, int type, int protocol, out Socket? socket)
    {
        socket = null;
        if ((uint)family >= AddressFamily.Count)
        {
            return Errno.EAFNOSUPPORT;
        }

        if ((uint)type >= SocketType.Count)
        {
            return Errno.EINVAL;
        }

        if (family != AddressFamily.Unix)
        {
            return Errno.EAFNOSUPPORT;
        }

        if (protocol is not (0 or AddressFamily.Unix))
        {
            return Errno.EPROTONOSUPPORT;
        }

        socket = UnixSocket.Create(type);
        return socket is null ? Errno.ESOCKTNOSUPPORT : Errno.Ok;
    }

    /// <summary>Makes the file of a socket, with one reference.</summary>
    /// <param name="flags">NonBlocking or none.</param>
    [MightSleep]
    public SocketFile Open(OpenFlags flags)
    {
        SocketFileSystem fileSystem = SocketFileSystem.Instance;
        var file = new SocketFile(this, new SocketInode(fileSystem, fileSystem.NextNumber(), Credentials.Current), flags);
        Volatile.Write(ref _file, file);
        Opened();
        return file;
    }

    /// <summary>Connects two new sockets with each other (socketpair(2)).</summary>
    /// <param name="other">Of the same family and type.</param>
    public abstract Errno Pair(Socket other);

    /// <summary>Gives it an address (bind(2)).</summary>
    /// <param name="walk">From where a path is looked up, and by whom.</param>
    /// <param name="address">0 to 128 bytes, from user space.</param>
    [MightSleep]
    public abstract Errno Bind(in PathWalk walk, ReadOnlySpan<byte> address);

    /// <summary>Waits for connections from now on (listen(2)).</summary>
    /// <param name="backlog">How many may wait; the system's limit has been applied.</param>
    [MightSleep]
    public abstract Errno Listen(int backlog);

    /// <summary>Takes a connection (accept(2)).</summary>
    /// <param name="waits">Waits for one.</param>
    /// <param name="accepted">It has no file yet.</param>
    [MightSleep]
    public abstract Errno Accept(bool waits, out Socket? accepted);

    /// <summary>Connects to an address (connect(2)).</summary>
    /// <param name="walk">From where a path is looked up, and by whom.</param>
    /// <param name="address">0 to 128 bytes, from user space.</param>
    /// <param name="waits">Waits for room in the backlog.</param>
    [MightSleep]
    public abstract Errno Connect(in PathWalk walk, ReadOnlySpan<byte> address, bool waits);

    /// <summary>Ends directions (shutdown(2)).</summary>
    /// <param name="how">SHUT_RD 0, SHUT_WR 1, SHUT_RDWR 2; others EINVAL.</param>
    [MightSleep]
    public abstract Errno Shutdown(int how);

    /// <summary>Its own address, or its peer's (getsockname(2), getpeername(2)).</summary>
    /// <param name="ofPeer">The peer's.</param>
    /// <param name="address">The address; nobody writes to the array.</param>
    /// <returns>ENOTCONN.</returns>
    public abstract Errno GetName(bool ofPeer, out byte[] address);

    /// <summary>Sends (sendmsg(2)).</summary>
    /// <param name="from">The bytes.</param>
    /// <param name="message">What goes with them. Files that are still there afterwards were not sent.</param>
    /// <param name="flags">OutOfBand, DontWait, EndOfRecord, NoSignal.</param>
    [MightSleep]
    public abstract long Send(ref DataSource from, ref OutgoingMessage message, MessageFlags flags);

    /// <summary>Receives (recvmsg(2)).</summary>
    /// <param name="to">Where the bytes go.</param>
    /// <param name="message">What came with them.</param>
    /// <param name="flags">OutOfBand, Peek, Truncated, DontWait, WaitAll.</param>
    [MightSleep]
    public abstract long Receive(ref DataSink to, ref IncomingMessage message, MessageFlags flags);

    /// <summary>What the file is ready for, as <see cref="OpenFile.Poll"/>.</summary>
    public abstract PollEvents Poll(PollWatcher? watcher);

    /// <summary>The number that a request of ioctl(2) asks for.</summary>
    /// <returns>0 or more; -ENOTTY: there is no such request.</returns>
    [MightSleep]
    public abstract long Control(uint request);

    /// <summary>Sets an option (setsockopt(2)).</summary>
    /// <param name="level">SOL_SOCKET, or a protocol.</param>
    /// <param name="name">The option.</param>
    /// <param name="value">The first bytes of what user space gives, at most 64.</param>
    [MightSleep]
    public Errno SetOption(int level, int name, ReadOnlySpan<byte> value) =>
        level == SocketOption.Level ? SocketOptionRules.Set(this, name, value) : Errno.EOPNOTSUPP;

    /// <summary>Reads an option (getsockopt(2)).</summary>
    /// <param name="level">SOL_SOCKET, or a protocol.</param>
    /// <param name="name">The option.</param>
    /// <param name="room">Bytes that user space has room for.</param>
    /// <param name="value">The value, which is to be cut to the room.</param>
    /// <param name="needed">With ERANGE: bytes that are needed.</param>
    [MightSleep]
    public Errno GetOption(int level, int name, int room, out byte[] value, out int needed)
    {
        value = [];
        needed = 0;
        return level == SocketOption.Level ? SocketOptionRules.Get(this, name, room, out value, out needed) : Errno.EOPNOTSUPP;
    }

    /// <summary>An error that the next operation gives (SO_ERROR).</summary>
    [NoAllocation]
    public void SetError(Errno error) => Volatile.Write(ref _error, (int)error);

    /// <summary>There is an error that nobody has been given. Any context.</summary>
    protected bool HasError => Volatile.Read(ref _error) != 0;

    /// <summary>Takes the error that nobody has been given. Any context.</summary>
    [NoAllocation]
    public Errno TakeError() => HasError ? (Errno)Interlocked.Exchange(ref _error, 0) : Errno.Ok;

    /// <summary>It waits for connections (SO_ACCEPTCONN).</summary>
    internal abstract bool IsListening { get; }

    /// <summary>Who stood at the other end when the connection was made; null: nobody.</summary>
    internal abstract PeerIdentity? Peer { get; }

    /// <summary>The send buffer has another size.</summary>
    internal abstract void SendBufferChanged();

    /// <summary>It has a file now.</summary>
    protected virtual void Opened()
    {
    }

    /// <summary>Its file is closed, or it never gets one. Once.</summary>
    [MightSleep]
    public abstract void Close();
}
