using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Processes;
using CosmosKernel.Syscalls.Signals;

namespace CosmosKernel.Syscalls.Events;

/// <summary>pidfd_open(2).</summary>
[SystemCall(434, "pidfd_open", Support.All)]
internal sealed class ProcessFileOpen : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int id = (int)registers.Rdi;
        var flags = (OpenFlags)(int)registers.Rsi;
        if ((flags & ~OpenFlags.NonBlocking) != 0 || id <= 0)
        {
            return -(long)Errno.EINVAL;
        }

        if (ProcessTable.Find(id) is not { IsCollected: false } process)
        {
            // A thread that is not the first of its process has no such file.
            return -(long)(ProcessTable.FindThread(id) is not null ? Errno.EINVAL : Errno.ESRCH);
        }

        return FileTable.Current!.Add(new ProcessFile(process, flags), closeOnExec: true);
    }
}

/// <summary>pidfd_send_signal(2).</summary>
[SystemCall(424, "pidfd_send_signal", Support.All)]
internal sealed class ProcessFileSendSignal : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int signal = (int)registers.Rsi;
        if ((uint)registers.R10 != 0)
        {
            return -(long)Errno.EINVAL;
        }

        using FileReference file = FileTable.Current!.Get((int)registers.Rdi);
        if (ProcessFile.Find(file.File) is not { } target)
        {
            return -(long)Errno.EBADF;
        }

        SignalInfo info = SignalRequests.Describe(thread, signal, SignalCode.SI_USER);
        if (registers.Rdx != 0)
        {
            Errno error = UserSignalInfo.TryRead(registers.Rdx, signal, out SignalInfo given);
            if (error != Errno.Ok)
            {
                return -(long)error;
            }

            if (!ReferenceEquals(target, thread.Process) && !SignalRequests.MayClaim(thread, target.Id, given))
            {
                return -(long)Errno.EPERM;
            }

            info = given;
        }

        return target.IsCollected ? -(long)Errno.ESRCH : -(long)SignalRequests.ToProcess(thread, target, info);
    }
}

/// <summary>pidfd_getfd(2).</summary>
[SystemCall(438, "pidfd_getfd", Support.All)]
internal sealed class ProcessFileGetFile : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if ((uint)registers.Rdx != 0)
        {
            return -(long)Errno.EINVAL;
        }

        using FileReference reference = FileTable.Current!.Get((int)registers.Rdi);
        if (reference.File is not ProcessFile target)
        {
            return -(long)Errno.EBADF;
        }

        if (target.Process.Thread(null) is not { } other || other.Task.Files is not FileTable files)
        {
            return -(long)Errno.ESRCH;
        }

        if (!ReferenceEquals(target.Process, thread.Process) && !MayAttach(ThreadScheduling.CredentialsOf(other)))
        {
            return -(long)Errno.EPERM;
        }

        Errno found = files.TryGet((int)registers.Rsi, out OpenFile? file);
        return found == Errno.Ok ? FileTable.Current!.Add(file!, closeOnExec: true) : -(long)found;
    }

    // As ptrace(2) checks for attaching, with real ids.
    private static bool MayAttach(Credentials theirs)
    {
        Credentials mine = Credentials.Current;
        return mine.Has(Capability.SysPtrace)
            || (mine.UserId == theirs.UserId && mine.UserId == theirs.EffectiveUserId && mine.UserId == theirs.SavedUserId
                && mine.GroupId == theirs.GroupId && mine.GroupId == theirs.EffectiveGroupId && mine.GroupId == theirs.SavedGroupId);
    }
}
