using System.Diagnostics.CodeAnalysis;
using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Futexes;

/// <summary>set_robust_list(2).</summary>
[SystemCall(273, "set_robust_list", Support.All)]
internal sealed class SetRobustList : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if (registers.Rsi != FutexConstants.RobustListHeadBytes)
        {
            return -(long)Errno.EINVAL;
        }

        thread.RobustList = registers.Rdi;
        return 0;
    }
}

/// <summary>get_robust_list(2).</summary>
[SystemCall(274, "get_robust_list", Support.All)]
internal sealed class GetRobustList : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    [SuppressMessage("Locking", "CKL030", Justification = "The address of the list is itself what is written.")]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int id = (int)registers.Rdi;
        UserThread? target = id == 0 ? thread : ProcessTable.FindThread(id);
        if (target is null)
        {
            return -(long)Errno.ESRCH;
        }

        if (!ReferenceEquals(target.Process, thread.Process) && !MayLookAt(target))
        {
            return -(long)Errno.EPERM;
        }

        ulong head = target.RobustList;
        bool written = UserMemory.TryWrite(registers.Rdx, (ulong)FutexConstants.RobustListHeadBytes) && new UserPointer<ulong>(registers.Rsi).TryWrite(head);
        return written ? 0 : -(long)Errno.EFAULT;
    }

    // As ptrace(2) checks with real ids.
    private static bool MayLookAt(UserThread target)
    {
        Credentials mine = Credentials.Current;
        return mine.Has(Capability.SysPtrace)
            || (target.Task.Credentials is Credentials theirs
                && mine.UserId == theirs.EffectiveUserId && mine.UserId == theirs.SavedUserId && mine.UserId == theirs.UserId
                && mine.GroupId == theirs.EffectiveGroupId && mine.GroupId == theirs.SavedGroupId && mine.GroupId == theirs.GroupId);
    }
}
