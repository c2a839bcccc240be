using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Processes.Futexes;

/// <summary>Futex words: accesses under a bucket's lock, which fail where the page is not there, and making the page present with no lock held.</summary>
internal static class FutexMemory
{
    /// <summary>Reads a word. With a bucket's lock held.</summary>
    /// <returns>False: leave the lock, call <see cref="FaultIn"/>, and begin anew.</returns>
    [NoAllocation]
    public static bool TryRead([UserAddress] ulong address, out uint value) => UserMemory.TryReadNoFault(address, out value);

    /// <summary>Replaces a word's value if it is the expected one. With a bucket's lock held.</summary>
    /// <returns>False: leave the lock, call <see cref="FaultIn"/> for writing, and begin anew.</returns>
    [NoAllocation]
    public static bool TryReplace([UserAddress] ulong address, uint expected, uint value, out uint seen) => UserMemory.TryCompareExchangeNoFault(address, expected, value, out seen);

    /// <summary>Changes a word (FUTEX_WAKE_OP). With bucket locks held.</summary>
    /// <returns>False: leave the locks, call <see cref="FaultIn"/> for writing, and begin anew.</returns>
    [NoAllocation]
    public static bool TryChange([UserAddress] ulong address, UserAtomic operation, uint operand, out uint old) => UserMemory.TryAtomicNoFault(address, operation, operand, out old);

    /// <summary>Makes the page of a word present, and one's own if it is to be written. With no spin lock held.</summary>
    /// <returns>Ok or EFAULT.</returns>
    [MightSleep]
    public static Errno FaultIn([UserAddress] ulong address, bool forWrite)
    {
        bool present = forWrite ? UserMemory.TryAtomic(address, UserAtomic.Or, 0, out _) : UserMemory.TryRead(address, out uint _);
        return present ? Errno.Ok : Errno.EFAULT;
    }
}
