using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Devices;

/// <summary>Hears who takes and leaves PCI devices, for sysfs. Task context; a call must not claim devices itself.</summary>
public abstract class PciBindingWatcher
{
    /// <summary>An owner has claimed a device.</summary>
    [MightSleep]
    public abstract void Claimed(PciDeviceInfo device, string owner);

    /// <summary>An owner has left a device.</summary>
    [MightSleep]
    public abstract void Released(PciDeviceInfo device, string owner);
}
