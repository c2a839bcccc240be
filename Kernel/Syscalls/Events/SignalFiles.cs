using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Events;

/// <summary>signalfd(2) without flags.</summary>
[SystemCall(282, "signalfd", Support.All)]
internal sealed class SignalFileCreate : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => SignalFileCreateWithFlags.Create(ref registers, 0);
}

/// <summary>signalfd(2): makes a file, or gives one other signals.</summary>
[SystemCall(289, "signalfd4", Support.All)]
internal sealed class SignalFileCreateWithFlags : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => Create(ref registers, (int)registers.R10);

    /// <summary>Does it with the descriptor, set and size of the first three registers.</summary>
    [MightSleep]
    public static long Create(ref UserRegisters registers, int flags)
    {
        int descriptor = (int)registers.Rdi;
        if (registers.Rdx != SignalSet.Bytes || ((OpenFlags)flags & ~(OpenFlags.NonBlocking | OpenFlags.CloseOnExec)) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        if (!UserMemory.TryRead(registers.Rsi, out ulong bits))
        {
            return -(long)Errno.EFAULT;
        }

        if (descriptor == -1)
        {
            return FileTable.Current!.Add(new SignalFile(new SignalSet(bits), (OpenFlags)flags & OpenFlags.NonBlocking), ((OpenFlags)flags & OpenFlags.CloseOnExec) != 0);
        }

        using FileReference file = FileTable.Current!.Get(descriptor);
        if (file.File is not SignalFile signals)
        {
            return -(long)(file.File is null ? Errno.EBADF : Errno.EINVAL);
        }

        signals.Set = new SignalSet(bits);
        return descriptor;
    }
}
