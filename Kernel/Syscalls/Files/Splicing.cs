using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Pipes;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Files;

/// <summary>sendfile(2).</summary>
[SystemCall(40, "sendfile", Support.All)]
internal sealed class SendFileCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => SpliceArguments.SendFile(thread, (int)registers.Rdi, (int)registers.Rsi, registers.Rdx, registers.R10);
}

/// <summary>splice(2).</summary>
[SystemCall(275, "splice", Support.All)]
internal sealed class SpliceCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => SpliceArguments.Splice(thread, ref registers);
}

/// <summary>tee(2).</summary>
[SystemCall(276, "tee", Support.All)]
internal sealed class TeeCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => SpliceArguments.Tee(thread, (int)registers.Rdi, (int)registers.Rsi, registers.Rdx, (uint)registers.R10);
}

/// <summary>vmsplice(2).</summary>
[SystemCall(278, "vmsplice", Support.Some, "SPLICE_F_GIFT gives nothing: pages are copied")]
internal sealed class VectorSpliceCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if (((uint)registers.R10 & ~SpliceArguments.AllFlags) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        bool writes;
        using (FileReference reference = thread.Files!.Get((int)registers.Rdi))
        {
            if (reference.File is not { } file || !Pipes.IsPipe(file))
            {
                return -(long)Errno.EBADF;
            }

            writes = file.IsWritable;
        }

        return writes ? Transfer.WriteVector(thread, (int)registers.Rdi, registers.Rsi, registers.Rdx, OpenFile.AtPosition)
            : Transfer.ReadVector(thread, (int)registers.Rdi, registers.Rsi, registers.Rdx, OpenFile.AtPosition);
    }
}

/// <summary>copy_file_range(2).</summary>
[SystemCall(326, "copy_file_range", Support.All)]
internal sealed class CopyRangeCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => SpliceArguments.CopyRange(thread, ref registers);
}
