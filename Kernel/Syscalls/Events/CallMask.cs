using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Events;

/// <summary>The signal mask for the time of a call that waits (ppoll(2), pselect(2), epoll_pwait(2)).</summary>
internal static class CallMask
{
    /// <summary>Sets the mask, if there is one.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="address">Where the set is, or 0.</param>
    /// <param name="bytes">Its size.</param>
    /// <returns>Ok; EINVAL: a wrong size; EFAULT.</returns>
    [MightSleep]
    public static Errno Begin(UserThread thread, [UserAddress] ulong address, ulong bytes)
    {
        if (address == 0)
        {
            return Errno.Ok;
        }

        if (bytes != SignalSet.Bytes)
        {
            return Errno.EINVAL;
        }

        if (!UserMemory.TryRead(address, out ulong bits))
        {
            return Errno.EFAULT;
        }

        SignalMasks.SetForCall(thread, new SignalSet(bits));
        return Errno.Ok;
    }

    /// <summary>The call has ended. If a signal ended it, its handler runs with the call's mask, and the old one comes back after it.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="result">What the call gives.</param>
    /// <returns>The same.</returns>
    public static long End(UserThread thread, long result)
    {
        if (result is not (-(long)Errno.EINTR or -(long)Errno.ERESTARTNOHAND))
        {
            SignalMasks.Restore(thread);
        }

        return result;
    }
}
