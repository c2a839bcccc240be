using System;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Memory.Frames;

namespace CosmosKernel.Memory.Areas;

/// <summary>
/// Whole pages of device memory that processes may map. It comes only from a region that the kernel has mapped for a driver, so safe code can give a process no RAM with it. What shares the last page
/// with the region is mapped as well, as with every driver's mmap(2): the CPU protects whole pages.
/// </summary>
public readonly struct DevicePages
{
    private DevicePages(ulong physical, ulong count, DeviceCaching caching)
    {
        Physical = physical;
        Count = count;
        Caching = caching;
    }

    /// <summary>Physical address of the first page.</summary>
    public ulong Physical { get; }

    /// <summary>How many pages; 0 in the default value.</summary>
    public ulong Count { get; }

    /// <summary>How the CPU treats accesses: as for the driver, since one page must not be used in two ways (Intel SDM vol. 3A, 13.12.4).</summary>
    public DeviceCaching Caching { get; }

    /// <summary>The pages of a region. Any context.</summary>
    /// <exception cref="ArgumentException">The region is not mapped, does not begin with a page, or its last page holds RAM, too.</exception>
    public static DevicePages Of(MmioRegion region)
    {
        ArgumentNullException.ThrowIfNull(region);
        ulong physical = region.PhysicalAddress;
        ulong count = ((ulong)region.Length + Frame.Size - 1) / Frame.Size;
        if (count == 0 || (physical & (Frame.Size - 1)) != 0)
        {
            throw new ArgumentException(count == 0 ? "The region has no memory." : "The region does not begin with a page.", nameof(region));
        }

        if (DeviceMemory.HasRam(physical, (nuint)(count * Frame.Size)))
        {
            throw new ArgumentException("The region's last page holds RAM.", nameof(region));
        }

        return new DevicePages(physical, count, region.Caching);
    }
}
