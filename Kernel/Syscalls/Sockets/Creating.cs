using System;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Sockets;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Sockets;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Sockets;

/// <summary>socket(2).</summary>
[SystemCall(41, "socket", Support.Some, "address families other than AF_UNIX give EAFNOSUPPORT")]
internal sealed class CreateSocketCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int type = (int)registers.Rsi & SocketType.Mask;
        int flags = (int)registers.Rsi & ~SocketType.Mask;
        Errno error = SocketArguments.CheckFlags(flags);
        Socket? socket = null;
        error = error == Errno.Ok ? Socket.Create((int)registers.Rdi, type, (int)registers.Rdx, out socket) : error;
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        error = SocketArguments.Open(socket!, flags, out SocketFile? file);
        return error == Errno.Ok ? thread.Files!.Add(file!, (flags & SocketType.CloseOnExec) != 0) : -(long)error;
    }
}

/// <summary>socketpair(2).</summary>
[SystemCall(53, "socketpair", Support.Some, "address families other than AF_UNIX give EAFNOSUPPORT")]
internal sealed class CreatePairCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int flags = (int)registers.Rsi & ~SocketType.Mask;
        Errno error = SocketArguments.CheckFlags(flags);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        FileTable files = thread.Files!;
        bool closes = (flags & SocketType.CloseOnExec) != 0;
        error = files.Reserve(out int first, 0, closes);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        error = files.Reserve(out int second, 0, closes);
        if (error != Errno.Ok)
        {
            files.Unreserve(first);
            return -(long)error;
        }

        error = Create(thread, ref registers, flags, first, second);
        if (error != Errno.Ok)
        {
            files.Unreserve(second);
            files.Unreserve(first);
        }

        return -(long)error;
    }

    // The numbers are told before there is anything to close again.
    [MightSleep]
    private static Errno Create(UserThread thread, ref UserRegisters registers, int flags, int first, int second)
    {
        Span<int> numbers = [first, second];
        if (!new UserPointer<int>(registers.R10).TryWriteArray(numbers))
        {
            return Errno.EFAULT;
        }

        int type = (int)registers.Rsi & SocketType.Mask;
        Socket? one = null;
        Socket? other = null;
        Errno error;
        try
        {
            error = Socket.Create((int)registers.Rdi, type, (int)registers.Rdx, out one);
            error = error == Errno.Ok ? Socket.Create((int)registers.Rdi, type, (int)registers.Rdx, out other) : error;
            error = error == Errno.Ok ? one!.Pair(other!) : error;
        }
        catch (OutOfMemoryException)
        {
            error = Errno.ENOMEM;
        }

        if (error != Errno.Ok)
        {
            one?.Close();
            other?.Close();
            return error;
        }

        error = SocketArguments.Open(one!, flags, out SocketFile? firstFile);
        if (error != Errno.Ok)
        {
            other!.Close();
            return error;
        }

        error = SocketArguments.Open(other!, flags, out SocketFile? secondFile);
        if (error != Errno.Ok)
        {
            firstFile!.Release();
            return error;
        }

        thread.Files!.Install(first, firstFile!);
        thread.Files!.Install(second, secondFile!);
        return Errno.Ok;
    }
}
