namespace Cosmos.HAL;

/// <summary>A base address register of a PCI function.</summary>
public class PCIBaseAddressBar
{
    /// <summary>Reads a register's value (PCI Local Bus 3.0, section 6.2.5.1).</summary>
    public PCIBaseAddressBar(uint raw)
    {
        IsIO = (raw & 1) != 0;
        BaseAddress = IsIO ? raw & ~3u : raw & ~0xFu;
    }

    /// <summary>Where the device's registers are; of an address of 64 bits the lower half.</summary>
    public uint BaseAddress { get; }

    /// <summary>Whether it is a port.</summary>
    public bool IsIO { get; }
}
