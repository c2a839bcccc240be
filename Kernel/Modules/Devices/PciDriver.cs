using System.Collections.Generic;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Devices;

/// <summary>
/// A driver of PCI devices; <see cref="ModuleContext.AddPciDriver"/> makes it known. It gets each device that it matches and nobody has, and gives all back when its module stops. The two calls come in
/// task context, one at a time for all drivers.
/// </summary>
/// <param name="name">Name of the driver, unique: shown in /sys/bus/pci/drivers.</param>
/// <param name="matches">Which devices it serves; one that fits is enough.</param>
public abstract class PciDriver(string name, params PciMatch[] matches)
{
    /// <summary>Name of the driver.</summary>
    public string Name { get; } = name;

    /// <summary>Which devices it serves.</summary>
    [Immutable]
    public IReadOnlyList<PciMatch> Matches { get; } = matches;

    /// <summary>
    /// Takes a device into use. It is claimed for this driver, and decodes neither memory nor ports, nor is it a bus master, before the driver enables that. What it gives (mappings, interrupts, DMA buffers)
    /// is released with it. An exception refuses the device with its message, and the other devices go on.
    /// </summary>
    /// <returns>False when this device is not for the driver after all: another one may have it.</returns>
    [MightSleep]
    public abstract bool Probe(PciDevice device);

    /// <summary>
    /// Stops using a device for which <see cref="Probe"/> returned true. The device is released afterwards: bus mastering off, then its interrupts, mappings and buffers.
    /// </summary>
    [MightSleep]
    public abstract void Remove(PciDevice device);
}
