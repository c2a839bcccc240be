using System;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Sockets;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Sockets;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Sockets;

/// <summary>Sockets and their addresses as arguments of system calls.</summary>
internal static class SocketArguments
{
    /// <summary>The socket of a file.</summary>
    /// <param name="file">What a descriptor refers to.</param>
    /// <param name="socket">The socket's file.</param>
    /// <returns>EBADF; ENOTSOCK.</returns>
    public static Errno Get(OpenFile? file, out SocketFile socket)
    {
        socket = (file as SocketFile)!;
        return file is null or { IsPathOnly: true } ? Errno.EBADF : socket is null ? Errno.ENOTSOCK : Errno.Ok;
    }

    /// <summary>Reads an address.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="bytes">Its length.</param>
    /// <param name="buffer">128 bytes.</param>
    /// <param name="read">The address.</param>
    /// <returns>EINVAL: an impossible length; EFAULT.</returns>
    [MightSleep]
    public static Errno ReadAddress([UserAddress] ulong address, int bytes, Span<byte> buffer, out ReadOnlySpan<byte> read)
    {
        read = default;
        if ((uint)bytes > SocketLimits.AddressBytes)
        {
            return Errno.EINVAL;
        }

        Span<byte> part = buffer[..bytes];
        if (!UserMemory.TryRead(address, part))
        {
            return Errno.EFAULT;
        }

        read = part;
        return Errno.Ok;
    }

    /// <summary>Writes an address, as much of it as there is room for, and how long it really is.</summary>
    /// <param name="value">The address.</param>
    /// <param name="address">Where it goes.</param>
    /// <param name="lengthAddress">Where its room is said, and its length goes.</param>
    /// <returns>EFAULT; EINVAL: a negative room.</returns>
    [MightSleep]
    public static Errno WriteAddress(ReadOnlySpan<byte> value, [UserAddress] ulong address, [UserAddress] ulong lengthAddress)
    {
        if (!UserMemory.TryRead(lengthAddress, out uint room))
        {
            return Errno.EFAULT;
        }

        if ((int)room < 0)
        {
            return Errno.EINVAL;
        }

        if (!UserMemory.TryWrite(address, value[..(int)Math.Min(room, (uint)value.Length)]))
        {
            return Errno.EFAULT;
        }

        return UserMemory.TryWrite(lengthAddress, (uint)value.Length) ? Errno.Ok : Errno.EFAULT;
    }

    /// <summary>Where paths in addresses are looked up.</summary>
    public static PathWalk WalkOf(UserThread thread) => new(thread.FileSystem!, thread.Credentials);

    /// <summary>The flags that go with the type of a new socket.</summary>
    /// <returns>EINVAL: others.</returns>
    public static Errno CheckFlags(int flags) => (flags & ~(SocketType.NonBlocking | SocketType.CloseOnExec)) != 0 ? Errno.EINVAL : Errno.Ok;

    /// <summary>Makes the file of a socket; without memory for it, the socket is closed.</summary>
    /// <returns>ENOMEM.</returns>
    [MightSleep]
    public static Errno Open(Socket socket, int flags, out SocketFile? file)
    {
        file = null;
        try
        {
            file = socket.Open((flags & SocketType.NonBlocking) != 0 ? OpenFlags.NonBlocking : OpenFlags.ReadOnly);
            return Errno.Ok;
        }
        catch (OutOfMemoryException)
        {
            socket.Close();
            return Errno.ENOMEM;
        }
    }

    /// <summary>Whether an operation waits, as the file's flags have it.</summary>
    public static MessageFlags FlagsOf(SocketFile file, uint flags) => (MessageFlags)flags | (file.IsNonBlocking ? MessageFlags.DontWait : MessageFlags.None);
}
