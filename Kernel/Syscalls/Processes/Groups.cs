using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Processes;

/// <summary>getgroups(2).</summary>
[SystemCall(115, "getgroups", Support.All)]
internal sealed class GetGroups : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        ReadOnlySpan<uint> groups = thread.Credentials.Groups;
        int size = (int)registers.Rdi;
        if (size < 0 || (size != 0 && size < groups.Length))
        {
            return -(long)Errno.EINVAL;
        }

        for (int i = 0; size != 0 && i < groups.Length; i++)
        {
            if (!UserMemory.TryWrite(registers.Rsi + ((ulong)i * sizeof(uint)), groups[i]))
            {
                return -(long)Errno.EFAULT;
            }
        }

        return groups.Length;
    }
}

/// <summary>setgroups(2).</summary>
[SystemCall(116, "setgroups", Support.All)]
internal sealed class SetGroups : SystemCall
{
    // NGROUPS_MAX.
    private const int MostGroups = 65_536;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int count = (int)registers.Rdi;
        if (!thread.Credentials.Has(Capability.SetGid))
        {
            return -(long)Errno.EPERM;
        }

        if ((uint)count > MostGroups)
        {
            return -(long)Errno.EINVAL;
        }

        uint[] groups = new uint[count];
        for (int i = 0; i < count; i++)
        {
            if (!UserMemory.TryRead(registers.Rsi + ((ulong)i * sizeof(uint)), out groups[i]))
            {
                return -(long)Errno.EFAULT;
            }
        }

        CredentialChange.Set(thread, new Credentials(thread.Credentials) { Groups = groups });
        return 0;
    }
}
