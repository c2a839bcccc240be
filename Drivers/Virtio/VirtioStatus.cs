using System;

namespace CosmosKernel.Drivers.Virtio;

/// <summary>How far driver and device have come with each other (Virtual I/O Device 1.2, section 2.1).</summary>
[Flags]
internal enum VirtioStatus : byte
{
    /// <summary>Just reset.</summary>
    Reset = 0,

    /// <summary>The kernel has seen the device.</summary>
    Acknowledge = 1,

    /// <summary>There is a driver for it.</summary>
    Driver = 2,

    /// <summary>The driver uses it.</summary>
    DriverOk = 4,

    /// <summary>The features are settled.</summary>
    FeaturesOk = 8,

    /// <summary>The device cannot go on before it is reset.</summary>
    NeedsReset = 64,

    /// <summary>The driver has given up.</summary>
    Failed = 128,
}
