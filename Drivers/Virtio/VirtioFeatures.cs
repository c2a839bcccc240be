namespace CosmosKernel.Drivers.Virtio;

/// <summary>Feature bits that all devices share, as bits of a mask (Virtual I/O Device 1.2, section 6). Each kind of device has its own in the bits 0 to 23.</summary>
public static class VirtioFeatures
{
    /// <summary>A buffer may be described by a table outside of the queue.</summary>
    public const ulong IndirectDescriptors = 1ul << 28;

    /// <summary>Each side says at which index it wants to hear from the other.</summary>
    public const ulong EventIndex = 1ul << 29;

    /// <summary>The device keeps the specification from 1.0 on; without it, it is a legacy device.</summary>
    public const ulong Version1 = 1ul << 32;

    /// <summary>The device's addresses go through an IOMMU. The kernel has none to program: such a device is refused only if it insists.</summary>
    public const ulong AccessPlatform = 1ul << 33;
}
