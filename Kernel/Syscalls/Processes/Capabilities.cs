using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Processes;

/// <summary>What capget(2) and capset(2) have in common: the header with version and thread, and sets of 32 or 64 bits.</summary>
internal static class CapabilityHeader
{
    private const uint Version1 = 0x1998_0330;
    private const uint Version2 = 0x2007_1026;
    private const uint Version3 = 0x2008_0522;

    /// <summary>Reads the header; an unknown version is replaced by the one that is preferred.</summary>
    /// <returns>EFAULT; EINVAL: unknown version, or a negative id.</returns>
    [MightSleep]
    public static Errno TryRead([UserAddress] ulong address, out int words, out int id, out bool isQuery)
    {
        words = 0;
        id = 0;
        isQuery = false;
        if (!UserMemory.TryRead(address, out uint version))
        {
            return Errno.EFAULT;
        }

        if (version is not (Version1 or Version2 or Version3))
        {
            isQuery = true;
            return UserMemory.TryWrite(address, Version3) ? Errno.EINVAL : Errno.EFAULT;
        }

        words = version == Version1 ? 1 : 2;
        if (!UserMemory.TryRead(address + 4, out uint which))
        {
            return Errno.EFAULT;
        }

        id = (int)which;
        return id < 0 ? Errno.EINVAL : Errno.Ok;
    }
}

/// <summary>capget(2).</summary>
[SystemCall(125, "capget", Support.All)]
internal sealed class CapGet : SystemCall
{
    private const int SetBytes = 12;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = CapabilityHeader.TryRead(registers.Rdi, out int words, out int id, out bool isQuery);
        if (error != Errno.Ok)
        {
            // Who passes no data asks for the version.
            return isQuery && error == Errno.EINVAL && registers.Rsi == 0 ? 0 : -(long)error;
        }

        UserThread? target = id == 0 ? thread : ProcessTable.FindThread(id);
        if (target is null)
        {
            return -(long)Errno.ESRCH;
        }

        Credentials credentials = target.Credentials;
        for (int word = 0; word < words; word++)
        {
            ulong at = registers.Rsi + (ulong)(word * SetBytes);
            int shift = word * 32;
            if (!UserMemory.TryWrite(at, (uint)(credentials.Effective.Bits >> shift))
                || !UserMemory.TryWrite(at + 4, (uint)(credentials.Permitted.Bits >> shift))
                || !UserMemory.TryWrite(at + 8, (uint)(credentials.Inheritable.Bits >> shift)))
            {
                return -(long)Errno.EFAULT;
            }
        }

        return 0;
    }
}

/// <summary>capset(2).</summary>
[SystemCall(126, "capset", Support.All)]
internal sealed class CapSet : SystemCall
{
    private const int SetBytes = 12;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = CapabilityHeader.TryRead(registers.Rdi, out int words, out int id, out _);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        if (id != 0 && id != thread.Id)
        {
            return -(long)Errno.EPERM;
        }

        ulong effective = 0;
        ulong permitted = 0;
        ulong inheritable = 0;
        for (int word = 0; word < words; word++)
        {
            ulong at = registers.Rsi + (ulong)(word * SetBytes);
            if (!UserMemory.TryRead(at, out uint e) || !UserMemory.TryRead(at + 4, out uint p) || !UserMemory.TryRead(at + 8, out uint i))
            {
                return -(long)Errno.EFAULT;
            }

            effective |= (ulong)e << (word * 32);
            permitted |= (ulong)p << (word * 32);
            inheritable |= (ulong)i << (word * 32);
        }

        return -(long)CapabilityRules.Set(thread, new CapabilitySet(effective), new CapabilitySet(permitted), new CapabilitySet(inheritable));
    }
}
