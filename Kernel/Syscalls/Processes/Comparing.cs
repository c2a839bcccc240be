using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Processes;

/// <summary>kcmp(2). Objects have no order here: what is not equal gives 3.</summary>
[SystemCall(312, "kcmp", Support.Some, "KCMP_IO and KCMP_EPOLL_TFD give EOPNOTSUPP; unequal objects give 3, without an order.")]
internal sealed class CompareProcesses : SystemCall
{
    private const int File = 0;
    private const int Memory = 1;
    private const int Files = 2;
    private const int FileSystem = 3;
    private const int Handlers = 4;
    private const int Io = 5;
    private const int SemaphoreUndo = 6;
    private const int EpollTarget = 7;
    private const int Unequal = 3;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        UserThread? first = ProcessTable.FindThread((int)registers.Rdi);
        UserThread? second = ProcessTable.FindThread((int)registers.Rsi);
        if (first is null || second is null)
        {
            return -(long)Errno.ESRCH;
        }

        if (!MayLook(thread, first) || !MayLook(thread, second))
        {
            return -(long)Errno.EPERM;
        }

        return (int)registers.Rdx switch
        {
            File => CompareFiles(first, (uint)registers.R10, second, (uint)registers.R8),
            Memory => Compare(first.Memory, second.Memory),
            Files => Compare(first.Files, second.Files),
            FileSystem => Compare(first.FileSystem, second.FileSystem),
            Handlers => first.SharesHandlersWith(second) ? 0 : Unequal,
            SemaphoreUndo => first.SharesSemaphoresWith(second) ? 0 : Unequal,
            Io or EpollTarget => -(long)Errno.EOPNOTSUPP,
            _ => -(long)Errno.EINVAL,
        };
    }

    private static long Compare(object? first, object? second) => ReferenceEquals(first, second) ? 0 : Unequal;

    [MightSleep]
    private static long CompareFiles(UserThread first, uint descriptor, UserThread second, uint other)
    {
        OpenFile? one = null;
        OpenFile? two = null;
        bool found = first.Files?.TryGet((int)descriptor, out one) == Errno.Ok && second.Files?.TryGet((int)other, out two) == Errno.Ok;
        long result = found ? Compare(one, two) : -(long)Errno.EBADF;
        one?.Release();
        two?.Release();
        return result;
    }

    // As ptrace(2) with PTRACE_MODE_READ_REALCREDS.
    private static bool MayLook(UserThread thread, UserThread target)
    {
        Credentials mine = thread.Credentials;
        Credentials theirs = target.Credentials;
        bool same = mine.UserId == theirs.UserId && mine.UserId == theirs.EffectiveUserId && mine.UserId == theirs.SavedUserId
            && mine.GroupId == theirs.GroupId && mine.GroupId == theirs.EffectiveGroupId && mine.GroupId == theirs.SavedGroupId;
        return ReferenceEquals(thread.Process, target.Process) || mine.Has(Capability.SysPtrace) || (same && target.Process.Dumpable == 1);
    }
}
