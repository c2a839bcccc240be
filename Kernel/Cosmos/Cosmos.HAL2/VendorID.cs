namespace Cosmos.HAL;

/// <summary>Vendors that Cosmos knows.</summary>
public enum VendorID
{
    /// <summary>Intel.</summary>
    Intel = 0x8086,

    /// <summary>AMD.</summary>
    AMD = 0x1022,

    /// <summary>VMWare.</summary>
    VMWare = 0x15AD,

    /// <summary>Bochs.</summary>
    Bochs = 0x1234,

    /// <summary>Virtual Box.</summary>
    VirtualBox = 0x80EE,
}
