using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Syscalls.Ipc;

/// <summary>Arguments of calls on POSIX message queues.</summary>
internal static class QueueArguments
{
    /// <summary>Reads the moment of real time at which a wait ends.</summary>
    /// <param name="address">Where it is; 0 for none.</param>
    /// <param name="timeout">The moment; null: never.</param>
    /// <returns>EFAULT; EINVAL.</returns>
    [MightSleep]
    public static Errno TryReadTimeout([UserAddress] ulong address, out Timespec? timeout)
    {
        timeout = null;
        if (address == 0)
        {
            return Errno.Ok;
        }

        if (!new UserPointer<Timespec>(address).TryRead(out Timespec time))
        {
            return Errno.EFAULT;
        }

        timeout = time;
        return time.IsValid ? Errno.Ok : Errno.EINVAL;
    }
}
