using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Memory;

// What a futex asks: which memory an address is.
public sealed partial class AddressSpace
{
    /// <summary>Finds what a mapped address shows. Task context.</summary>
    /// <param name="address">The address.</param>
    /// <param name="mapped">The object if the mapping is shared; null for private memory.</param>
    /// <param name="offset">Offset in the object, in bytes.</param>
    /// <returns>False when nothing is mapped there.</returns>
    [MightSleep]
    internal bool TryFindMapped([UserAddress] ulong address, out object? mapped, out ulong offset)
    {
        mapped = null;
        offset = 0;
        using (_lock.EnterRead())
        {
            if (_areas.Find(address) is not { } area)
            {
                return false;
            }

            if (area.IsShared && area.Object is { } shown)
            {
                mapped = shown;
                offset = (area.ObjectPageOf(address) << PageShift) | (address & (PageBytes - 1));
            }

            return true;
        }
    }
}
