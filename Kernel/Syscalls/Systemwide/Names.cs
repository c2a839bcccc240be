using System;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Systemwide;

/// <summary>uname(2).</summary>
[SystemCall(63, "uname", Support.All)]
internal sealed class GetNames : SystemCall
{
    private const int Fields = 6;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Span<byte> names = stackalloc byte[Fields * SystemConstants.NameBytes];
        names.Clear();
        Put(names, 0, SystemNames.System);
        Put(names, 1, SystemNames.Host);
        Put(names, 2, SystemNames.Release);
        Put(names, 3, SystemNames.Version);
        Put(names, 4, SystemNames.Machine);
        Put(names, 5, SystemNames.Domain);
        return UserMemory.TryWrite(registers.Rdi, names) ? 0 : -(long)Errno.EFAULT;
    }

    // Names are bytes; each is one character of the string.
    private static void Put(Span<byte> names, int field, string name) => Encoding.Latin1.GetBytes(name, names.Slice(field * SystemConstants.NameBytes, SystemConstants.NameBytes - 1));
}

/// <summary>sethostname(2).</summary>
[SystemCall(170, "sethostname", Support.All)]
internal sealed class SetHostName : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = TryRead(registers.Rdi, (int)registers.Rsi, out string name);
        if (error == Errno.Ok)
        {
            SystemNames.Host = name;
        }

        return -(long)error;
    }

    /// <summary>Reads a new name, of who may set it.</summary>
    /// <returns>Ok; EPERM; EINVAL: too long; EFAULT.</returns>
    [MightSleep]
    public static Errno TryRead([UserAddress] ulong address, int length, out string name)
    {
        name = "";
        if (!Credentials.Current.Has(Capability.SysAdmin))
        {
            return Errno.EPERM;
        }

        if (length is < 0 or > SystemNames.LongestName)
        {
            return Errno.EINVAL;
        }

        Span<byte> bytes = stackalloc byte[SystemNames.LongestName];
        bytes = bytes[..length];
        if (!UserMemory.TryRead(address, bytes))
        {
            return Errno.EFAULT;
        }

        // What comes after a NUL is not seen by uname(2) anyway.
        int end = bytes.IndexOf((byte)0);
        name = Encoding.Latin1.GetString(end < 0 ? bytes : bytes[..end]);
        return Errno.Ok;
    }
}

/// <summary>setdomainname(2).</summary>
[SystemCall(171, "setdomainname", Support.All)]
internal sealed class SetDomainName : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = SetHostName.TryRead(registers.Rdi, (int)registers.Rsi, out string name);
        if (error == Errno.Ok)
        {
            SystemNames.Domain = name;
        }

        return -(long)error;
    }
}
