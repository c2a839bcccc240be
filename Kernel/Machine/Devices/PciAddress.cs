namespace CosmosKernel.Machine.Devices;

/// <summary>Where a PCI function is.</summary>
public readonly struct PciAddress(ushort segment, byte bus, byte device, byte function)
{
    /// <summary>Segment group, 0 on nearly all machines.</summary>
    public readonly ushort Segment = segment;

    /// <summary>Bus, 0 to 255.</summary>
    public readonly byte Bus = bus;

    /// <summary>Device, 0 to 31.</summary>
    public readonly byte Device = device;

    /// <summary>Function, 0 to 7.</summary>
    public readonly byte Function = function;
}
