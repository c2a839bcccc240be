using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Paging;

namespace CosmosKernel.Memory.Areas;

/// <summary>Maps device memory for safe code. Task context.</summary>
public static unsafe class DeviceMemory
{
    /// <summary>Maps physical memory that is no RAM of the kernel's into an empty region. Disposing the region takes the mapping away.</summary>
    /// <param name="region">An empty region.</param>
    /// <param name="physical">First byte; need not be at the start of a page.</param>
    /// <param name="bytes">Size, 1 or more.</param>
    /// <param name="caching">How the CPU treats accesses.</param>
    /// <returns>False when a part of the range is RAM, and when memory or addresses ran out.</returns>
    public static bool TryMap(MmioRegion region, ulong physical, nuint bytes, DeviceCaching caching)
    {
        if (bytes == 0 || physical + bytes < physical || HasRam(physical, bytes))
        {
            return false;
        }

        PageRights rights = PageRights.Read | PageRights.Write;
        rights |= caching == DeviceCaching.WriteCombining ? PageRights.WriteCombining : PageRights.Uncached;
        void* start = VirtualAreas.MapPhysical(physical, bytes, rights);
        if (start == null)
        {
            return false;
        }

        region.Attach(start, bytes, &Unmap, physical, caching);
        return true;
    }

    private static void Unmap(void* start) => VirtualAreas.Free(start);

    /// <summary>Whether a part of a range is RAM of the kernel's. Any context.</summary>
    internal static bool HasRam(ulong physical, nuint bytes)
    {
        for (int i = 0; i < FirmwareMemoryMap.Count; i++)
        {
            ref readonly MemoryRange range = ref FirmwareMemoryMap.Get(i);
            bool isRam = range.Kind is MemoryKind.Usable or MemoryKind.AcpiReclaimable;
            if (isRam && physical < range.End && range.Start < physical + bytes)
            {
                return true;
            }
        }

        return false;
    }
}
