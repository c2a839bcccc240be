using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Memory.User;

// Pages that a device reads and writes itself, in place of copies of them.
public sealed unsafe partial class UserPageTable
{
    /// <summary>
    /// What is mapped at an address, for a transfer of a device straight to or from it: memory of the process's own, or shared memory, but neither pages of files, whose owners want to know of each change, nor memory of
    /// devices.
    /// </summary>
    /// <param name="address">Any address.</param>
    /// <param name="forWrite">The page will be written: the mapping allows it now.</param>
    /// <param name="page">The page, with a reference for the caller; for writing, with a pin (<see cref="Page.Pin"/>), until whose end it may be written.</param>
    /// <returns>False when nothing of the kind is mapped there.</returns>
    [UserAccess("The address is only a place in the tables.")]
    public bool TryTakeForTransfer([UserAddress] ulong address, bool forWrite, out Page page)
    {
        page = default;
        if (address >= UserMemory.Limit)
        {
            return false;
        }

        using (_lock.Enter())
        {
            ulong* entry = _tree.Find(address);
            ulong value = entry == null ? 0 : Volatile.Read(ref *entry);
            UserRights wanted = forWrite ? UserRights.Read | UserRights.Write : UserRights.Read;
            if (value == 0 || (RightsOf(value) & wanted) != wanted || KindOf(value) is not (UserPageKind.Anonymous or UserPageKind.SharedMemory))
            {
                return false;
            }

            page = PageOf(value);
            if (!forWrite)
            {
                page.AddReference();
                return true;
            }

            // Under the lock that fork copies entries with: it either finds the pin, or has taken the right to write already.
            Interlocked.Or(ref *entry, PageTableTree.Accessed | PageTableTree.Dirty);
            page.Pin();
            return true;
        }
    }
}
