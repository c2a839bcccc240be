using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Syscalls.Signals;

/// <summary>Copies siginfo_t from and to user memory.</summary>
internal static class UserSignalInfo
{
    /// <summary>Writes all 128 bytes.</summary>
    /// <returns>False: EFAULT.</returns>
    [MightSleep]
    public static bool TryWrite([UserAddress] ulong address, in SignalInfo info) =>
        new UserPointer<SignalInfo>(address).TryWrite(info) && UserMemory.TryClear(address + SignalInfo.UsedBytes, SignalInfo.Bytes - SignalInfo.UsedBytes);

    /// <summary>Reads what a program made.</summary>
    /// <returns>EFAULT; E2BIG: it uses bytes that no signal uses.</returns>
    [MightSleep]
    public static Errno TryRead([UserAddress] ulong address, int signal, out SignalInfo info)
    {
        if (!new UserPointer<SignalInfo>(address).TryRead(out info))
        {
            return Errno.EFAULT;
        }

        info.Number = signal;
        Span<byte> rest = stackalloc byte[SignalInfo.Bytes - SignalInfo.UsedBytes];
        if (!UserMemory.TryRead(address + SignalInfo.UsedBytes, rest))
        {
            return Errno.EFAULT;
        }

        return rest.IndexOfAnyExcept((byte)0) < 0 ? Errno.Ok : Errno.E2BIG;
    }
}
