namespace CosmosKernel.Machine.Devices
{
    /// <summary>A driver's memory of a device: only how long it is counts here.</summary>
    public sealed class MmioRegion(ulong pages)
    {
        public ulong Pages { get; } = pages;
    }
}

namespace CosmosKernel.Memory.Areas
{
    using CosmosKernel.Machine.Devices;

    /// <summary>As the kernel's, without an address.</summary>
    public readonly record struct DevicePages(ulong Count)
    {
        public static DevicePages Of(MmioRegion region) => new(region.Pages);
    }
}
