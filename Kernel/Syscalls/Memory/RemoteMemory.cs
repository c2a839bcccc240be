using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;
using CosmosKernel.Processes.Memory;
using CosmosKernel.Syscalls.Files;

namespace CosmosKernel.Syscalls.Memory;

/// <summary>process_vm_readv(2).</summary>
[SystemCall(310, "process_vm_readv", Support.All)]
internal sealed class ReadProcessMemory : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => RemoteMemory.Transfer(thread, ref registers, UserAccessKind.Read);
}

/// <summary>process_vm_writev(2).</summary>
[SystemCall(311, "process_vm_writev", Support.All)]
internal sealed class WriteProcessMemory : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => RemoteMemory.Transfer(thread, ref registers, UserAccessKind.Write);
}

/// <summary>Copies between the running task's memory and that of another process.</summary>
internal static class RemoteMemory
{
    /// <summary>Checks the arguments of process_vm_readv(2) or process_vm_writev(2) and copies.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="registers">The arguments: pid, local vector and its count, remote vector and its count, flags.</param>
    /// <param name="access">What is done with the other process's memory.</param>
    /// <returns>Bytes copied, or a negative errno.</returns>
    [MightSleep]
    public static long Transfer(UserThread thread, ref UserRegisters registers, UserAccessKind access)
    {
        if (registers.R9 != 0 || registers.R8 > PathLimits.VectorMaximum)
        {
            return -(long)Errno.EINVAL;
        }

        Span<IoVector> few = stackalloc IoVector[Vectors.Few];
        Errno error = Vectors.Read(registers.Rsi, registers.Rdx, few, out ReadOnlySpan<IoVector> local, out long bytes);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        IoVector[] remote = new IoVector[(int)registers.R8];
        if (!new UserPointer<IoVector>(registers.R10).TryReadArray(remote))
        {
            return -(long)Errno.EFAULT;
        }

        foreach (IoVector part in remote)
        {
            if ((long)part.Bytes < 0)
            {
                return -(long)Errno.EINVAL;
            }
        }

        if (bytes == 0 || remote.Length == 0)
        {
            return 0;
        }

        if (ProcessTable.FindThread((int)registers.Rdi) is not { } target || target.Memory is not { } memory || !memory.TryAddUser())
        {
            return -(long)Errno.ESRCH;
        }

        try
        {
            return ReferenceEquals(target.Process, thread.Process) || MayAttach(target)
                ? Copy(memory, local, bytes, remote, access)
                : -(long)Errno.EPERM;
        }
        finally
        {
            memory.ReleaseUser();
        }
    }

    [MightSleep]
    private static long Copy(AddressSpace memory, ReadOnlySpan<IoVector> local, long bytes, ReadOnlySpan<IoVector> remote, UserAccessKind access)
    {
        DataSink sink = new(local, bytes);
        DataSource source = new(local, bytes);
        Span<byte> buffer = stackalloc byte[1024];
        long done = 0;
        foreach (IoVector part in remote)
        {
            // An end that wraps around is no user memory: the first page of the part is refused.
            ulong end = part.Address > ulong.MaxValue - part.Bytes ? ulong.MaxValue : part.Address + part.Bytes;
            for (ulong at = part.Address; at < end && done < bytes;)
            {
                int offset = (int)(at % Page.Size);
                int count = (int)Math.Min(Math.Min((ulong)(Page.Size - offset), end - at), (ulong)(bytes - done));
                int copied;
                if (access == UserAccessKind.Write)
                {
                    // By way of the kernel: the page of the other process is touched under its lock, where no fault of this one's may be.
                    count = Math.Min(count, buffer.Length);
                    copied = memory.WriteRemote(at, buffer[..source.Read(buffer[..count])]);
                }
                else if (memory.TryTakePage(at, access, out Page page, out _))
                {
                    copied = sink.WritePage(page, offset, count);
                    page.Release();
                }
                else
                {
                    return done == 0 ? -(long)Errno.EFAULT : done;
                }

                done += copied;
                at += (ulong)copied;
                if (copied < count)
                {
                    return done == 0 ? -(long)Errno.EFAULT : done;
                }
            }
        }

        return done;
    }

    /// <summary>As ptrace(2) checks for looking, with the ids for files.</summary>
    internal static bool MayAccess(UserThread target)
    {
        Credentials mine = Credentials.Current;
        return MayAccess(target, mine, mine.FileUserId, mine.FileGroupId, mine.Effective);
    }

    // As ptrace(2) checks for attaching, with real ids.
    private static bool MayAttach(UserThread target)
    {
        Credentials mine = Credentials.Current;
        return MayAccess(target, mine, mine.UserId, mine.GroupId, mine.Permitted);
    }

    // The same ids, a process that lets others look into it, and no capability that the caller has not; or CAP_SYS_PTRACE.
    private static bool MayAccess(UserThread target, Credentials mine, uint user, uint group, CapabilitySet capabilities)
    {
        Credentials theirs = target.Credentials;
        return mine.Has(Capability.SysPtrace)
            || (user == theirs.UserId && user == theirs.EffectiveUserId && user == theirs.SavedUserId
                && group == theirs.GroupId && group == theirs.EffectiveGroupId && group == theirs.SavedGroupId
                && target.Process.Dumpable == 1
                && theirs.Permitted.IsSubsetOf(capabilities));
    }
}
