using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Processes.Futexes;

/// <summary>
/// The list of locks that a thread says it holds (set_robust_list(2)): when it ends, each word that still names it gets FUTEX_OWNER_DIED, and one waiter is woken. The list is user memory,
/// changed by the thread at any time and by nobody checked: it may be broken or circular, and then its walk just ends.
/// </summary>
internal static class RobustList
{
    private const ulong PiMark = 1;
    private const ulong OffsetOfOffset = 8;
    private const ulong OffsetOfPending = 16;

    /// <summary>Marks all locks of the list. The running thread ends or executes another program; its address space is still there.</summary>
    /// <param name="thread">The thread.</param>
    /// <param name="head">Address of the list's head.</param>
    [MightSleep]
    public static void Walk(UserThread thread, [UserAddress] ulong head)
    {
        if (!UserMemory.TryRead(head, out ulong entry) || !UserMemory.TryRead(head + OffsetOfOffset, out ulong offset) || !UserMemory.TryRead(head + OffsetOfPending, out ulong pending))
        {
            return;
        }

        for (int seen = 0; (entry & ~PiMark) != head && seen < FutexConstants.RobustListLimit; seen++)
        {
            // The next one first: once the lock is marked, its new owner may put the entry into another list.
            bool present = UserMemory.TryRead(entry & ~PiMark, out ulong next);
            if ((entry & ~PiMark) != (pending & ~PiMark) && !TryMark(thread, entry, offset, isPending: false))
            {
                return;
            }

            if (!present)
            {
                return;
            }

            entry = next;
        }

        if ((pending & ~PiMark) != 0)
        {
            TryMark(thread, pending, offset, isPending: true);
        }
    }

    [MightSleep]
    private static bool TryMark(UserThread thread, ulong entry, ulong offset, bool isPending)
    {
        ulong address = (entry & ~PiMark) + offset;
        bool isPi = (entry & PiMark) != 0;
        if (address % sizeof(uint) != 0 || !UserMemory.TryRead(address, out uint word))
        {
            return false;
        }

        uint number = (uint)thread.Id;
        while (true)
        {
            if (isPending && !isPi && word == 0)
            {
                // It was about to unlock: the word is free already, but nobody was woken.
                Futex.WakeShared(thread, address, 1);
                return true;
            }

            if ((word & FutexConstants.OwnerMask) != number)
            {
                return true;
            }

            if (!UserMemory.TryCompareExchange(address, word, (word & FutexConstants.Waiters) | FutexConstants.OwnerDied, out uint seen))
            {
                return false;
            }

            if (seen == word)
            {
                break;
            }

            word = seen;
        }

        // The waiters of a PI futex have the kernel's word: they get it when the thread gives up what it owns.
        if (!isPi && (word & FutexConstants.Waiters) != 0)
        {
            Futex.WakeShared(thread, address, 1);
        }

        return true;
    }
}
