using System;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Sockets;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Sockets;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;
using CosmosKernel.Syscalls.Files;

namespace CosmosKernel.Syscalls.Sockets;

/// <summary>Messages with a struct msghdr: what sendmsg(2), recvmsg(2) and their relatives for several messages share.</summary>
internal static class MessageTransfer
{
    // Where fields of struct msghdr are that are written one by one.
    private const ulong NameBytesOffset = 8;
    private const ulong ControlBytesOffset = 40;
    private const ulong FlagsOffset = 48;

    /// <summary>Sends one message.</summary>
    /// <param name="thread">Who sends.</param>
    /// <param name="file">The socket.</param>
    /// <param name="headerAddress">Where the struct msghdr is.</param>
    /// <param name="flags">Of the call, with DontWait as the file has it.</param>
    [MightSleep]
    public static long Send(UserThread thread, SocketFile file, [UserAddress] ulong headerAddress, MessageFlags flags)
    {
        Span<IoVector> few = stackalloc IoVector[Vectors.Few];
        Span<byte> buffer = stackalloc byte[SocketLimits.AddressBytes];
        Errno error = ReadHeader(headerAddress, few, out MessageHeader header, out ReadOnlySpan<IoVector> vectors, out long bytes);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        scoped ReadOnlySpan<byte> address = default;
        if (header.Name != 0 && header.NameBytes != 0)
        {
            error = SocketArguments.ReadAddress(header.Name, Math.Min(header.NameBytes, SocketLimits.AddressBytes), buffer, out address);
        }

        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        if (header.ControlBytes > int.MaxValue)
        {
            return -(long)Errno.ENOBUFS;
        }

        scoped var message = new OutgoingMessage { Address = address, Walk = address.IsEmpty ? default : SocketArguments.WalkOf(thread) };
        error = ControlData.Read(thread, header.Control, header.ControlBytes, ref message);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        scoped var source = new DataSource(vectors, bytes);
        long done = file.Socket.Send(ref source, ref message, flags);
        FilesInFlight.Release(message.Files);
        return done;
    }

    /// <summary>Receives one message.</summary>
    /// <param name="thread">Who receives.</param>
    /// <param name="file">The socket.</param>
    /// <param name="headerAddress">Where the struct msghdr is.</param>
    /// <param name="flags">Of the call, with DontWait as the file has it.</param>
    /// <param name="told">What is told of the message.</param>
    [MightSleep]
    public static long Receive(UserThread thread, SocketFile file, [UserAddress] ulong headerAddress, MessageFlags flags, out MessageFlags told)
    {
        told = MessageFlags.None;
        Span<IoVector> few = stackalloc IoVector[Vectors.Few];
        Errno error = ReadHeader(headerAddress, few, out MessageHeader header, out ReadOnlySpan<IoVector> vectors, out long bytes);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        var sink = new DataSink(vectors, bytes);
        IncomingMessage message = default;
        long done = file.Socket.Receive(ref sink, ref message, flags);
        if (done < 0)
        {
            message.Files?.Release();
            return done;
        }

        told = message.Flags | (flags & MessageFlags.CloseOnExec);
        ulong written = ControlData.Write(thread, header.Control, header.ControlBytes, flags, ref message, ref told);
        if (header.Name != 0)
        {
            error = SocketArguments.WriteAddress(message.Address, header.Name, headerAddress + NameBytesOffset);
        }

        if (error == Errno.Ok && (!UserMemory.TryWrite(headerAddress + FlagsOffset, (uint)told) || !UserMemory.TryWrite(headerAddress + ControlBytesOffset, written)))
        {
            error = Errno.EFAULT;
        }

        return error == Errno.Ok ? done : -(long)error;
    }

    [MightSleep]
    private static Errno ReadHeader([UserAddress] ulong address, Span<IoVector> few, out MessageHeader header, out ReadOnlySpan<IoVector> vectors, out long bytes)
    {
        vectors = default;
        bytes = 0;
        if (!new UserPointer<MessageHeader>(address).TryRead(out header))
        {
            return Errno.EFAULT;
        }

        if (header.Name == 0)
        {
            header.NameBytes = 0;
        }

        if (header.NameBytes < 0)
        {
            return Errno.EINVAL;
        }

        return header.VectorCount > PathLimits.VectorMaximum ? Errno.EMSGSIZE : Vectors.Read(header.Vectors, header.VectorCount, few, out vectors, out bytes);
    }
}
