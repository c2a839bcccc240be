using System;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Sockets;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Sockets;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Sockets;

/// <summary>bind(2).</summary>
[SystemCall(49, "bind", Support.All)]
internal sealed class BindCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        Errno error = SocketArguments.Get(reference.File, out SocketFile file);
        Span<byte> buffer = stackalloc byte[SocketLimits.AddressBytes];
        scoped ReadOnlySpan<byte> address = default;
        error = error == Errno.Ok ? SocketArguments.ReadAddress(registers.Rsi, (int)registers.Rdx, buffer, out address) : error;
        return -(long)(error == Errno.Ok ? file.Socket.Bind(SocketArguments.WalkOf(thread), address) : error);
    }
}

/// <summary>listen(2).</summary>
[SystemCall(50, "listen", Support.All)]
internal sealed class ListenCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        Errno error = SocketArguments.Get(reference.File, out SocketFile file);

        // A negative backlog is as long as allowed.
        int backlog = (int)Math.Min((uint)registers.Rsi, (uint)SocketSettings.Backlog);
        return -(long)(error == Errno.Ok ? file.Socket.Listen(backlog) : error);
    }
}

/// <summary>connect(2).</summary>
[SystemCall(42, "connect", Support.All)]
internal sealed class ConnectCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        Errno error = SocketArguments.Get(reference.File, out SocketFile file);
        Span<byte> buffer = stackalloc byte[SocketLimits.AddressBytes];
        scoped ReadOnlySpan<byte> address = default;
        error = error == Errno.Ok ? SocketArguments.ReadAddress(registers.Rsi, (int)registers.Rdx, buffer, out address) : error;
        return -(long)(error == Errno.Ok ? file.Socket.Connect(SocketArguments.WalkOf(thread), address, !file.IsNonBlocking) : error);
    }
}

/// <summary>accept(2).</summary>
[SystemCall(43, "accept", Support.All)]
internal sealed class AcceptCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => AcceptWithFlagsCall.Accept(thread, ref registers, 0);
}

/// <summary>accept4(2).</summary>
[SystemCall(288, "accept4", Support.All)]
internal sealed class AcceptWithFlagsCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => Accept(thread, ref registers, (int)registers.R10);

    /// <summary>Takes a connection.</summary>
    /// <param name="thread">Who calls.</param>
    /// <param name="registers">Its arguments.</param>
    /// <param name="flags">SOCK_NONBLOCK, SOCK_CLOEXEC; others EINVAL.</param>
    [MightSleep]
    public static long Accept(UserThread thread, ref UserRegisters registers, int flags)
    {
        FileTable files = thread.Files!;
        using FileReference reference = files.Get((int)registers.Rdi);
        if (reference.File is not { IsPathOnly: false } listener)
        {
            return -(long)Errno.EBADF;
        }

        Errno error = SocketArguments.CheckFlags(flags);
        error = error == Errno.Ok ? SocketArguments.Get(listener, out _) : error;
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        error = files.Reserve(out int descriptor, 0, (flags & SocketType.CloseOnExec) != 0);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        Socket? accepted;
        try
        {
            error = ((SocketFile)listener).Socket.Accept(!listener.IsNonBlocking, out accepted);
        }
        catch (OutOfMemoryException)
        {
            accepted = null;
            error = Errno.ENOMEM;
        }

        SocketFile? file = null;
        if (error == Errno.Ok)
        {
            error = SocketArguments.Open(accepted!, flags, out file);
        }

        if (error == Errno.Ok && registers.Rsi != 0)
        {
            // Whose address cannot be told is not accepted: the connection is lost (accept(2) of Linux).
            error = WritePeer(accepted!, registers.Rsi, registers.Rdx);
            if (error != Errno.Ok)
            {
                file!.Release();
            }
        }

        if (error != Errno.Ok)
        {
            files.Unreserve(descriptor);
            return -(long)error;
        }

        files.Install(descriptor, file!);
        return descriptor;
    }

    [MightSleep]
    private static Errno WritePeer(Socket accepted, [UserAddress] ulong address, [UserAddress] ulong length)
    {
        try
        {
            Errno error = accepted.GetName(ofPeer: true, out byte[] name);
            return error == Errno.Ok ? SocketArguments.WriteAddress(name, address, length) : Errno.ECONNABORTED;
        }
        catch (OutOfMemoryException)
        {
            return Errno.ENOMEM;
        }
    }
}

/// <summary>getsockname(2).</summary>
[SystemCall(51, "getsockname", Support.All)]
internal sealed class SocketNameCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => Tell(thread, ref registers, ofPeer: false);

    /// <summary>Tells an address.</summary>
    [MightSleep]
    public static long Tell(UserThread thread, ref UserRegisters registers, bool ofPeer)
    {
        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        Errno error = SocketArguments.Get(reference.File, out SocketFile file);
        byte[] address = [];
        error = error == Errno.Ok ? file.Socket.GetName(ofPeer, out address) : error;
        return -(long)(error == Errno.Ok ? SocketArguments.WriteAddress(address, registers.Rsi, registers.Rdx) : error);
    }
}

/// <summary>getpeername(2).</summary>
[SystemCall(52, "getpeername", Support.All)]
internal sealed class PeerNameCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => SocketNameCall.Tell(thread, ref registers, ofPeer: true);
}

/// <summary>shutdown(2).</summary>
[SystemCall(48, "shutdown", Support.All)]
internal sealed class ShutdownCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        Errno error = SocketArguments.Get(reference.File, out SocketFile file);
        return -(long)(error == Errno.Ok ? file.Socket.Shutdown((int)registers.Rsi) : error);
    }
}
