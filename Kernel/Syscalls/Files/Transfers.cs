using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Files;

/// <summary>read(2).</summary>
[SystemCall(0, "read", Support.All)]
internal sealed class ReadCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => Transfer.Read(thread, (int)registers.Rdi, registers.Rsi, registers.Rdx, OpenFile.AtPosition);
}

/// <summary>write(2).</summary>
[SystemCall(1, "write", Support.All)]
internal sealed class WriteCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => Transfer.Write(thread, (int)registers.Rdi, registers.Rsi, registers.Rdx, OpenFile.AtPosition);
}

/// <summary>pread(2).</summary>
[SystemCall(17, "pread64", Support.All)]
internal sealed class ReadAtCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if ((long)registers.R10 < 0)
        {
            return -(long)Errno.EINVAL;
        }

        return Transfer.Read(thread, (int)registers.Rdi, registers.Rsi, registers.Rdx, (long)registers.R10);
    }
}

/// <summary>pwrite(2).</summary>
[SystemCall(18, "pwrite64", Support.All)]
internal sealed class WriteAtCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if ((long)registers.R10 < 0)
        {
            return -(long)Errno.EINVAL;
        }

        return Transfer.Write(thread, (int)registers.Rdi, registers.Rsi, registers.Rdx, (long)registers.R10);
    }
}

/// <summary>readv(2).</summary>
[SystemCall(19, "readv", Support.All)]
internal sealed class ReadVectorCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => Transfer.ReadVector(thread, (int)registers.Rdi, registers.Rsi, registers.Rdx, OpenFile.AtPosition);
}

/// <summary>writev(2).</summary>
[SystemCall(20, "writev", Support.All)]
internal sealed class WriteVectorCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => Transfer.WriteVector(thread, (int)registers.Rdi, registers.Rsi, registers.Rdx, OpenFile.AtPosition);
}

/// <summary>preadv(2).</summary>
[SystemCall(295, "preadv", Support.All)]
internal sealed class ReadVectorAtCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if ((long)registers.R10 < 0)
        {
            return -(long)Errno.EINVAL;
        }

        return Transfer.ReadVector(thread, (int)registers.Rdi, registers.Rsi, registers.Rdx, (long)registers.R10);
    }
}

/// <summary>pwritev(2).</summary>
[SystemCall(296, "pwritev", Support.All)]
internal sealed class WriteVectorAtCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if ((long)registers.R10 < 0)
        {
            return -(long)Errno.EINVAL;
        }

        return Transfer.WriteVector(thread, (int)registers.Rdi, registers.Rsi, registers.Rdx, (long)registers.R10);
    }
}

/// <summary>preadv2(2).</summary>
[SystemCall(327, "preadv2", Support.All)]
internal sealed class ReadVectorFlagsCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        long offset = (long)registers.R10;
        return offset < -1 ? -(long)Errno.EINVAL : Transfer.ReadVector(thread, (int)registers.Rdi, registers.Rsi, registers.Rdx, offset, (int)registers.R9);
    }
}

/// <summary>pwritev2(2).</summary>
[SystemCall(328, "pwritev2", Support.All)]
internal sealed class WriteVectorFlagsCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        long offset = (long)registers.R10;
        return offset < -1 ? -(long)Errno.EINVAL : Transfer.WriteVector(thread, (int)registers.Rdi, registers.Rsi, registers.Rdx, offset, (int)registers.R9);
    }
}

/// <summary>lseek(2).</summary>
[SystemCall(8, "lseek", Support.All)]
internal sealed class SeekCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        return reference.File is { IsPathOnly: false } file ? file.Seek((long)registers.Rsi, (int)registers.Rdx) : -(long)Errno.EBADF;
    }
}
