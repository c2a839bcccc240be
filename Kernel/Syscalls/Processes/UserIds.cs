using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Processes;

/// <summary>getuid(2).</summary>
[SystemCall(102, "getuid", Support.All)]
internal sealed class GetUid : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => thread.Credentials.UserId;
}

/// <summary>geteuid(2).</summary>
[SystemCall(107, "geteuid", Support.All)]
internal sealed class GetEuid : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => thread.Credentials.EffectiveUserId;
}

/// <summary>getgid(2).</summary>
[SystemCall(104, "getgid", Support.All)]
internal sealed class GetGid : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => thread.Credentials.GroupId;
}

/// <summary>getegid(2).</summary>
[SystemCall(108, "getegid", Support.All)]
internal sealed class GetEgid : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => thread.Credentials.EffectiveGroupId;
}

/// <summary>getresuid(2).</summary>
[SystemCall(118, "getresuid", Support.All)]
internal sealed class GetResuid : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Credentials credentials = thread.Credentials;
        return UserMemory.TryWrite(registers.Rdi, credentials.UserId) && UserMemory.TryWrite(registers.Rsi, credentials.EffectiveUserId)
            && UserMemory.TryWrite(registers.Rdx, credentials.SavedUserId) ? 0 : -(long)Errno.EFAULT;
    }
}

/// <summary>getresgid(2).</summary>
[SystemCall(120, "getresgid", Support.All)]
internal sealed class GetResgid : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Credentials credentials = thread.Credentials;
        return UserMemory.TryWrite(registers.Rdi, credentials.GroupId) && UserMemory.TryWrite(registers.Rsi, credentials.EffectiveGroupId)
            && UserMemory.TryWrite(registers.Rdx, credentials.SavedGroupId) ? 0 : -(long)Errno.EFAULT;
    }
}

/// <summary>setuid(2).</summary>
[SystemCall(105, "setuid", Support.All)]
internal sealed class SetUid : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => -(long)IdentityRules.SetUserId(thread, (uint)registers.Rdi);
}

/// <summary>setgid(2).</summary>
[SystemCall(106, "setgid", Support.All)]
internal sealed class SetGid : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => -(long)IdentityRules.SetGroupId(thread, (uint)registers.Rdi);
}

/// <summary>setreuid(2).</summary>
[SystemCall(113, "setreuid", Support.All)]
internal sealed class SetReuid : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => -(long)IdentityRules.SetRealAndEffectiveUserId(thread, (uint)registers.Rdi, (uint)registers.Rsi);
}

/// <summary>setregid(2).</summary>
[SystemCall(114, "setregid", Support.All)]
internal sealed class SetRegid : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => -(long)IdentityRules.SetRealAndEffectiveGroupId(thread, (uint)registers.Rdi, (uint)registers.Rsi);
}

/// <summary>setresuid(2).</summary>
[SystemCall(117, "setresuid", Support.All)]
internal sealed class SetResuid : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => -(long)IdentityRules.SetUserIds(thread, (uint)registers.Rdi, (uint)registers.Rsi, (uint)registers.Rdx);
}

/// <summary>setresgid(2).</summary>
[SystemCall(119, "setresgid", Support.All)]
internal sealed class SetResgid : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => -(long)IdentityRules.SetGroupIds(thread, (uint)registers.Rdi, (uint)registers.Rsi, (uint)registers.Rdx);
}

/// <summary>setfsuid(2).</summary>
[SystemCall(122, "setfsuid", Support.All)]
internal sealed class SetFsuid : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => IdentityRules.SetFileUserId(thread, (uint)registers.Rdi);
}

/// <summary>setfsgid(2).</summary>
[SystemCall(123, "setfsgid", Support.All)]
internal sealed class SetFsgid : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => IdentityRules.SetFileGroupId(thread, (uint)registers.Rdi);
}
