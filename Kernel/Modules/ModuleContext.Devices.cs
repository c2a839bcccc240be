using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Modules.Devices;

namespace CosmosKernel.Modules;

/// <summary>Devices and their memory.</summary>
public sealed partial class ModuleContext
{
    /// <summary>
    /// Adds a driver of PCI devices and lets it probe those that it matches and nobody has, before this returns. Disposing the result, or the end of the module, takes them away from it again. A driver that finds
    /// no device is there all the same.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is a driver of this name.</exception>
    [MightSleep]
    public IDisposable AddPciDriver(PciDriver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        return Own(PciBus.AddDriver(driver));
    }

    /// <summary>Claims one PCI device, which nobody else gets until the result is disposed.</summary>
    /// <param name="info">One of <see cref="PciBus.Devices"/>.</param>
    /// <exception cref="InvalidOperationException">Somebody has it, whom the message names, or it cannot be used.</exception>
    [MightSleep]
    public PciDevice ClaimPciDevice(PciDeviceInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        return PciDevice.TryClaim(info, ModuleName, out PciDevice? device)
            ? Own(device)
            : throw new InvalidOperationException($"{info} is in use by '{info.Driver}'");
    }

    /// <summary>Allocates memory for devices to read and write, all bytes 0.</summary>
    /// <param name="bytes">Size, 1 to <see cref="DmaMemory.LargestBytes"/>.</param>
    /// <param name="highestAddress">The last address that the device can reach: 0xFFFFFF (16 MiB) or above.</param>
    /// <exception cref="OutOfMemoryException">There is no such memory.</exception>
    [MightSleep]
    public DmaBuffer AllocateDma(int bytes, ulong highestAddress = ulong.MaxValue) =>
        Own(DmaBuffer.TryAllocate(bytes, highestAddress) ?? throw new OutOfMemoryException($"no {bytes} contiguous bytes of DMA memory below 0x{highestAddress:x}"));
}
