using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Processes;

/// <summary>getpid(2).</summary>
[SystemCall(39, "getpid", Support.All)]
internal sealed class GetPid : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => thread.Process.Id;
}

/// <summary>gettid(2).</summary>
[SystemCall(186, "gettid", Support.All)]
internal sealed class GetTid : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => thread.Id;
}

/// <summary>getppid(2).</summary>
[SystemCall(110, "getppid", Support.All)]
internal sealed class GetPpid : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => thread.Process.Parent?.Id ?? 0;
}

/// <summary>set_tid_address(2).</summary>
[SystemCall(218, "set_tid_address", Support.All)]
internal sealed class SetTidAddress : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        thread.ClearChildTid = registers.Rdi;
        return thread.Id;
    }
}

/// <summary>personality(2): the flags are kept and obeyed where something depends on them; there is one execution domain.</summary>
[SystemCall(135, "personality", Support.Some, "execution domains other than Linux's own change nothing")]
internal sealed class Personality : SystemCall
{
    private const uint Query = 0xFFFF_FFFF;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        uint old = thread.Personality;
        if ((uint)registers.Rdi != Query)
        {
            thread.Personality = (uint)registers.Rdi;
        }

        return old;
    }
}

/// <summary>setpgid(2).</summary>
[SystemCall(109, "setpgid", Support.All)]
internal sealed class SetPgid : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => -(long)JobControlRules.SetGroup(thread.Process, (int)registers.Rdi, (int)registers.Rsi);
}

/// <summary>getpgid(2).</summary>
[SystemCall(121, "getpgid", Support.All)]
internal sealed class GetPgid : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) =>
        registers.Rdi == 0 ? thread.Process.Group.Id : ProcessTable.FindOf((int)registers.Rdi) is { } process ? process.Group.Id : -(long)Errno.ESRCH;
}

/// <summary>getpgrp(2).</summary>
[SystemCall(111, "getpgrp", Support.All)]
internal sealed class GetPgrp : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => thread.Process.Group.Id;
}

/// <summary>setsid(2).</summary>
[SystemCall(112, "setsid", Support.All)]
internal sealed class SetSid : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = JobControlRules.MakeSession(thread.Process);
        return error == Errno.Ok ? thread.Process.Id : -(long)error;
    }
}

/// <summary>getsid(2).</summary>
[SystemCall(124, "getsid", Support.All)]
internal sealed class GetSid : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) =>
        registers.Rdi == 0 ? thread.Process.Session.Id : ProcessTable.FindOf((int)registers.Rdi) is { } process ? process.Session.Id : -(long)Errno.ESRCH;
}
