using CosmosKernel.Abi;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Files;

/// <summary>
/// Memory of a device as something that mmap(2) maps, shared only: what a driver's <see cref="Modules.DeviceFile.GetMappedObject"/> gives. A mapping keeps the file open, and with it the module in use, also when the
/// descriptor is closed and in children of fork(2). Other processes' debuggers and process_vm_readv(2) do not reach it (EFAULT), since reading may change the device.
/// </summary>
public sealed class DeviceMemoryObject : MappedObject
{
    /// <summary>Makes one; one for each region is enough. Any context that may allocate.</summary>
    /// <param name="region">The device's memory, which stays mapped for the driver as long as files are open.</param>
    /// <exception cref="System.ArgumentException">The region is not mapped, does not begin with a page, or shares its last page with RAM.</exception>
    public DeviceMemoryObject(MmioRegion region) => Pages = DevicePages.Of(region);

    /// <summary>The pages.</summary>
    public DevicePages Pages { get; }

    /// <inheritdoc/>
    public override ulong Size => Pages.Count * Page.Size;

    /// <inheritdoc/>
    public override bool IsSharedMemory => false;

    /// <inheritdoc/>
    public override Errno TryGetPage(ulong index, bool forWrite, out Page page)
    {
        page = default;
        return Errno.EFAULT;
    }

    /// <inheritdoc/>
    public override bool TryFindPage(ulong index, out Page page)
    {
        page = default;
        return false;
    }
}
