using System.Threading;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Memory.Areas;

namespace CosmosKernel.Memory.User;

// Memory of devices: entries that hold no page. They are always shared, so fork copies the entry, and no reference is counted: who mapped it keeps the driver.
public sealed unsafe partial class UserPageTable
{
    /// <summary>Maps a page of a device.</summary>
    /// <param name="address">A multiple of 4096 below <see cref="UserMemory.Limit"/>.</param>
    /// <param name="pages">The device's memory.</param>
    /// <param name="index">Which page of it.</param>
    /// <param name="rights">What user mode may do.</param>
    /// <param name="isTaken">Something was mapped there; false with a false result: there is no memory for a table, or no such page.</param>
    /// <returns>False when it was not mapped.</returns>
    [UserAccess("The address is only a place in the tables.")]
    public bool TryMapDevice([UserAddress] ulong address, DevicePages pages, ulong index, UserRights rights, out bool isTaken)
    {
        Verify(address, address + Page.Size);
        isTaken = false;
        if (index >= pages.Count)
        {
            return false;
        }

        ulong caching = (ulong)(pages.Caching == DeviceCaching.WriteCombining ? PageRights.WriteCombining : PageRights.Uncached);
        Page place = Page.OfPhysical(pages.Physical + (index * Page.Size));
        using (_lock.Enter())
        {
            ulong* leaf = _tree.MakeLeaf(address);
            _tables = _tree.Tables;
            if (leaf == null)
            {
                return false;
            }

            ulong* entry = &leaf[PageTableTree.IndexOf(address)];
            if (*entry != 0)
            {
                isTaken = true;
                return false;
            }

            Volatile.Write(ref *entry, Encode(place, rights, shared: true, UserPageKind.Device) | caching);
            PageTableTree.CountOf(leaf)++;
            Count(place, UserPageKind.Device);
            return true;
        }
    }

    /// <summary>Whether memory of a device is mapped at an address. Outdated at once.</summary>
    [UserAccess("The address is only a place in the tables.")]
    public bool IsDeviceAt([UserAddress] ulong address)
    {
        if (address >= UserMemory.Limit)
        {
            return false;
        }

        using (_lock.Enter())
        {
            ulong* entry = _tree.Find(address);
            return entry != null && IsDevice(Volatile.Read(ref *entry));
        }
    }

    private static bool IsDevice(ulong entry) => entry != 0 && KindOf(entry) == UserPageKind.Device;
}
