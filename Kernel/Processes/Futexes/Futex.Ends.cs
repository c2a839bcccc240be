using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes.Memory;

namespace CosmosKernel.Processes.Futexes;

// What the rest of the kernel asks of futexes: the end of threads, and keys.
public static partial class Futex
{
    /// <summary>At boot, before the first process, when all CPUs are known.</summary>
    [BeforePublication]
    public static void Initialize() => FutexTable.Initialize();

    /// <summary>Wakes one waiter of the word at an address of the running thread, as the end of a thread does for CLONE_CHILD_CLEARTID (set_tid_address(2)). Task context.</summary>
    [MightSleep]
    public static void WakeAddress([UserAddress] ulong address) => WakeShared(UserThread.Current, address, 1);

    /// <summary>
    /// The running thread ends, or executes another program: the locks in its robust list, and the PI locks that it owns and others wait for, go to others. Its address space is still the old one. Task context.
    /// </summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="goesOn">It executes another program.</param>
    [MightSleep]
    public static void ExitRobustList(UserThread thread, bool goesOn = false)
    {
        if (thread.RobustList is var head && head != 0)
        {
            thread.RobustList = 0;
            RobustList.Walk(thread, head);
        }

        FutexThread futexes = thread.Futex;
        GiveUpOwned(futexes);
        if (goesOn)
        {
            futexes.BeginAnew();
        }
    }

    /// <summary>Wakes waiters of a word that other processes may use. Errors are nobody's: the word may be gone.</summary>
    [MightSleep]
    internal static void WakeShared(UserThread thread, [UserAddress] ulong address, int count)
    {
        if (TryGetKey(thread, address, isPrivate: false, out FutexKey key) == Errno.Ok)
        {
            _ = Wake(key, count, FutexConstants.AnyBit);
        }
    }

    /// <summary>Finds what futex the word at an address is.</summary>
    /// <param name="thread">In whose address space.</param>
    /// <param name="address">The address.</param>
    /// <param name="isPrivate">FUTEX_PRIVATE_FLAG.</param>
    /// <param name="key">The futex.</param>
    /// <returns>Ok; EINVAL: not at a multiple of 4; EFAULT: not an address, or for a shared word, not mapped.</returns>
    [MightSleep]
    public static Errno TryGetKey(UserThread thread, [UserAddress] ulong address, bool isPrivate, out FutexKey key)
    {
        key = default;
        if (address % sizeof(uint) != 0)
        {
            return Errno.EINVAL;
        }

        if (!UserMemory.IsRange(address, sizeof(uint)) || thread.Task.AddressSpace is not AddressSpace space)
        {
            return Errno.EFAULT;
        }

        if (isPrivate)
        {
            key = FutexKey.OfPrivate(space, address);
            return Errno.Ok;
        }

        if (!space.TryFindMapped(address, out object? mapped, out ulong offset))
        {
            return Errno.EFAULT;
        }

        key = mapped is null ? FutexKey.OfUnshared(space, address) : FutexKey.OfShared(mapped, offset);
        return Errno.Ok;
    }
}
