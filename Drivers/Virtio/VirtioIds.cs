using CosmosKernel.Modules.Devices;

namespace CosmosKernel.Drivers.Virtio;

/// <summary>How virtio devices are known on the PCI bus (Virtual I/O Device 1.2, section 4.1.2).</summary>
public static class VirtioIds
{
    /// <summary>The vendor of them all.</summary>
    public const int Vendor = 0x1AF4;

    private const int FirstTransitional = 0x1000;
    private const int LastTransitional = 0x103F;
    private const int FirstModern = 0x1040;
    private const int LastModern = 0x107F;

    /// <summary>What a driver of one kind of device matches: modern devices of this kind, and transitional and legacy ones whose subsystem says so.</summary>
    public static PciMatch[] Match(VirtioType type) =>
        [new PciMatch(Vendor, FirstModern + (int)type), new PciMatch(Vendor) { Subsystem = (int)type }];

    /// <summary>What kind of device it is; 0 for none.</summary>
    public static int TypeOf(PciDeviceInfo device) => device switch
    {
        { Vendor: not Vendor } => 0,
        { DeviceId: >= FirstModern and <= LastModern } => device.DeviceId - FirstModern,
        { DeviceId: >= FirstTransitional and <= LastTransitional } => device.SubsystemId,
        _ => 0,
    };

    /// <summary>Whether it may be used as a legacy device.</summary>
    public static bool IsTransitional(PciDeviceInfo device) => device.DeviceId is >= FirstTransitional and <= LastTransitional;
}
