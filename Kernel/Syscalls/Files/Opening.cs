using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Files;

/// <summary>open(2).</summary>
[SystemCall(2, "open", Support.All)]
internal sealed class OpenCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => OpenArguments.Open(thread, PathLimits.WorkingDirectory, registers.Rdi, (OpenFlags)(int)registers.Rsi, (uint)registers.Rdx, ResolveFlags.None);
}

/// <summary>openat(2).</summary>
[SystemCall(257, "openat", Support.All)]
internal sealed class OpenAtCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => OpenArguments.Open(thread, (int)registers.Rdi, registers.Rsi, (OpenFlags)(int)registers.Rdx, (uint)registers.R10, ResolveFlags.None);
}

/// <summary>creat(2).</summary>
[SystemCall(85, "creat", Support.All)]
internal sealed class CreateCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => OpenArguments.Open(thread, PathLimits.WorkingDirectory, registers.Rdi, OpenFlags.Create | OpenFlags.WriteOnly | OpenFlags.Truncate, (uint)registers.Rsi, ResolveFlags.None);
}

/// <summary>openat2(2).</summary>
[SystemCall(437, "openat2", Support.All)]
internal sealed class OpenAt2Call : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        return OpenArguments.OpenHow(thread, (int)registers.Rdi, registers.Rsi, registers.Rdx, registers.R10);
    }
}

/// <summary>close(2).</summary>
[SystemCall(3, "close", Support.All)]
internal sealed class CloseCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => -(long)thread.Files!.Close((int)registers.Rdi);
}

/// <summary>close_range(2).</summary>
[SystemCall(436, "close_range", Support.All)]
internal sealed class CloseRangeCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        const uint Unshare = 2;
        const uint CloseOnExec = 4;
        uint first = (uint)registers.Rdi;
        uint last = (uint)registers.Rsi;
        uint flags = (uint)registers.Rdx;
        if ((flags & ~(Unshare | CloseOnExec)) != 0 || first > last)
        {
            return -(long)Errno.EINVAL;
        }

        FileTable table = thread.Files!;
        if ((flags & Unshare) != 0 && table.IsShared)
        {
            table = table.Clone();
            FileTable old = thread.Files!;
            thread.Task.Files = table;
            old.Release(thread.Task);
        }

        if ((flags & CloseOnExec) != 0)
        {
            table.SetCloseOnExecRange(first, last);
        }
        else
        {
            table.CloseRange(first, last);
        }

        return 0;
    }
}

/// <summary>pipe(2).</summary>
[SystemCall(22, "pipe", Support.All)]
internal sealed class PipeCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => OpenArguments.Pipe(thread, registers.Rdi, OpenFlags.ReadOnly);
}

/// <summary>pipe2(2).</summary>
[SystemCall(293, "pipe2", Support.All)]
internal sealed class Pipe2Call : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => OpenArguments.Pipe(thread, registers.Rdi, (OpenFlags)(int)registers.Rsi);
}

/// <summary>dup(2).</summary>
[SystemCall(32, "dup", Support.All)]
internal sealed class DuplicateCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => OpenArguments.Duplicate(thread, (int)registers.Rdi, 0, closeOnExec: false);
}

/// <summary>dup2(2).</summary>
[SystemCall(33, "dup2", Support.All)]
internal sealed class Duplicate2Call : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int from = (int)registers.Rdi;
        int to = (int)registers.Rsi;
        if (from == to)
        {
            using FileReference reference = thread.Files!.Get(from);
            return reference.File is null ? -(long)Errno.EBADF : to;
        }

        return OpenArguments.DuplicateTo(thread, from, to, closeOnExec: false);
    }
}

/// <summary>dup3(2).</summary>
[SystemCall(292, "dup3", Support.All)]
internal sealed class Duplicate3Call : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int from = (int)registers.Rdi;
        int to = (int)registers.Rsi;
        int flags = (int)registers.Rdx;
        return from == to || (flags & ~(int)OpenFlags.CloseOnExec) != 0 ? -(long)Errno.EINVAL : OpenArguments.DuplicateTo(thread, from, to, flags != 0);
    }
}
