using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Sockets;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Sockets;

// Addresses: paths, abstract names, none.
internal abstract partial class UnixSocket
{
    [Immutable]
    private static readonly byte[] s_noAddress = [AddressFamily.Unix, 0];

    // Set once. Nobody writes to the array.
    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private byte[]? _address;

    // Where a path was made for it, pinned; the default value when it has none.
    [GuardedBy(nameof(_lock))]
    private VfsPath _path;

    [GuardedBy(nameof(_lock))]
    private Inode? _inode;

    /// <summary>Its address, or null. Nobody writes to the array. Any context.</summary>
    public byte[]? Address => Volatile.Read(ref _address);

    // It is the listener's side of a connection: its address is the listener's.
    [GuardedBy(nameof(_lock))]
    private bool _isAccepted;

    /// <summary>The neighbours in the list of all sockets.</summary>
    [GuardedBy(typeof(UnixSockets), "s_lock")]
    public UnixSocket? NextInList { get; set; }

    [GuardedBy(typeof(UnixSockets), "s_lock")]
    public UnixSocket? PreviousInList { get; set; }

    /// <inheritdoc/>
    public override Errno GetName(bool ofPeer, out byte[] address)
    {
        address = s_noAddress;
        UnixSocket? socket = ofPeer ? Partner : this;
        if (socket is null)
        {
            return Errno.ENOTCONN;
        }

        address = socket.Address ?? s_noAddress;
        return Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Bind(in PathWalk walk, ReadOnlySpan<byte> address)
    {
        if (address.Length == SocketLimits.UnixPathOffset && FamilyOf(address) == AddressFamily.Unix)
        {
            return BindAutomatically();
        }

        Errno error = CheckAddress(address);
        if (error != Errno.Ok)
        {
            return error;
        }

        using (_lock.Enter())
        {
            return IsPath(address) ? BindPath(walk, NormalizePath(address)) : BindAbstract(address.ToArray());
        }
    }

    /// <summary>Gives it an abstract name that nobody else has, if it has no address (unix(7), autobind).</summary>
    /// <returns>ENOSPC.</returns>
    [MightSleep]
    protected Errno BindAutomatically()
    {
        using (_lock.Enter())
        {
            if (_address is not null)
            {
                return Errno.Ok;
            }

            Errno error = AbstractNames.BindAutomatically(this, out byte[] address);
            if (error == Errno.Ok)
            {
                Volatile.Write(ref _address, address);
            }

            return error;
        }
    }

    /// <summary>A socket that wants to be known to others gets a name before it talks to them.</summary>
    [MightSleep]
    protected Errno BindIfPassingCredentials() => Options.Has(SocketOption.PassCredentials) && Address is null ? BindAutomatically() : Errno.Ok;

    /// <summary>Takes the address of the socket that it was accepted at.</summary>
    [MightSleep]
    protected void InheritAddress(byte[]? address)
    {
        using (_lock.Enter())
        {
            Volatile.Write(ref _address, address);
            _isAccepted = true;
        }
    }

    /// <summary>Whether an address is one of this family.</summary>
    /// <returns>EINVAL.</returns>
    protected static Errno CheckAddress(ReadOnlySpan<byte> address) =>
        address.Length is <= SocketLimits.UnixPathOffset or > SocketLimits.UnixAddressBytes || FamilyOf(address) != AddressFamily.Unix ? Errno.EINVAL : Errno.Ok;

    /// <summary>The family of an address; -1 when it is too short for one.</summary>
    protected static int FamilyOf(ReadOnlySpan<byte> address) => address.Length >= SocketLimits.UnixPathOffset ? address[0] | (address[1] << 8) : -1;

    /// <summary>Finds the socket that has an address, which has been checked.</summary>
    /// <returns>ECONNREFUSED: nobody has; EPROTOTYPE: one of another type; EACCES and what a path can give.</returns>
    [MightSleep]
    protected Errno Find(in PathWalk walk, ReadOnlySpan<byte> address, out UnixSocket? found)
    {
        found = null;
        if (!IsPath(address))
        {
            found = AbstractNames.Find(Type, address.ToArray());
            return found is null ? Errno.ECONNREFUSED : Errno.Ok;
        }

        Errno error = Vfs.Resolve(walk, PathOf(address), ResolveFlags.Follow, out VfsPath path);
        if (error != Errno.Ok)
        {
            return error;
        }

        Inode inode = path.Inode!;
        error = Vfs.CheckPathAccess(path, walk.Credentials, Vfs.Write);
        if (error != Errno.Ok)
        {
            return error;
        }

        if (!FileMode.Is(inode.Mode, FileMode.Socket) || inode.Attachment is not UnixSocket socket)
        {
            return Errno.ECONNREFUSED;
        }

        if (socket.Type != Type)
        {
            return Errno.EPROTOTYPE;
        }

        inode.TouchAccess();
        found = socket;
        return Errno.Ok;
    }

    private static bool IsPath(ReadOnlySpan<byte> address) => address[SocketLimits.UnixPathOffset] != 0;

    // The path in an address: up to the NUL, which may be missing.
    private static ReadOnlySpan<byte> PathOf(ReadOnlySpan<byte> address)
    {
        ReadOnlySpan<byte> path = address[SocketLimits.UnixPathOffset..];
        int end = path.IndexOf((byte)0);
        return end < 0 ? path : path[..end];
    }

    // The address with exactly one NUL at the end.
    private static byte[] NormalizePath(ReadOnlySpan<byte> address)
    {
        int length = SocketLimits.UnixPathOffset + PathOf(address).Length;
        byte[] normal = new byte[length + 1];
        address[..length].CopyTo(normal);
        return normal;
    }

    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private Errno BindAbstract(byte[] address)
    {
        if (_address is not null)
        {
            return Errno.EINVAL;
        }

        Errno error = AbstractNames.Bind(this, address);
        if (error == Errno.Ok)
        {
            Volatile.Write(ref _address, address);
        }

        return error;
    }

    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private Errno BindPath(in PathWalk walk, byte[] address)
    {
        ReadOnlySpan<byte> name = PathOf(address);
        uint permissions = File is { } file ? file.Inode.Mode & FileMode.AccessMask : FileMode.AccessMask;
        Errno error = Vfs.MakeNode(walk, name, FileMode.Socket | permissions, default, out VfsPath created);
        if (error != Errno.Ok)
        {
            return error == Errno.EEXIST ? Errno.EADDRINUSE : error;
        }

        // Only now, as Linux does it: the name's errors come first.
        if (_address is not null)
        {
            _ = Vfs.Unlink(walk, name);
            return Errno.EINVAL;
        }

        if (created.TryPin())
        {
            _path = created;
        }

        // Somebody may have removed it at once; then nobody can connect.
        _inode = created.Inode;
        _inode?.TryAttach(this);
        Volatile.Write(ref _address, address);
        return Errno.Ok;
    }

    // Nobody finds it any more; the address stays, for who asks for the sender of what he receives.
    [MightSleep]
    protected void Unbind()
    {
        VfsPath path;
        using (_lock.Enter())
        {
            _inode?.Detach(this);
            path = _path;
            _path = default;
            if (_inode is null && _address is { } address && !_isAccepted && !IsPath(address))
            {
                AbstractNames.Remove(this, address);
            }

            _inode = null;
        }

        if (!path.IsNull)
        {
            path.Unpin();
        }
    }
}
