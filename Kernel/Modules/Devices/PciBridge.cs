using System.Globalization;
using CosmosKernel.Machine.Devices;

namespace CosmosKernel.Modules.Devices;

/// <summary>A range of addresses that a bridge passes on to the buses behind it; empty when its end is below its start.</summary>
/// <param name="Start">First byte or port.</param>
/// <param name="Last">Last byte or port.</param>
public readonly record struct PciWindow(ulong Start, ulong Last)
{
    /// <summary>It passes nothing on.</summary>
    public bool IsEmpty => Last < Start;
}

/// <summary>What a PCI-to-PCI bridge says of the buses behind it (PCI-to-PCI Bridge 1.2, section 3.2.5), as firmware set it up.</summary>
public sealed class PciBridge
{
    private const ulong PortGranule = 0xFFF;
    private const ulong MemoryGranule = 0xF_FFFF;
    private const int WideWindow = 1;

    internal PciBridge(PciConfigurationSpace space)
    {
        PrimaryBus = space.Read8(PciRegisters.PrimaryBus);
        SecondaryBus = space.Read8(PciRegisters.SecondaryBus);
        SubordinateBus = space.Read8(PciRegisters.SubordinateBus);

        uint ports = space.Read16(PciRegisters.IoWindow);
        uint portsHigh = (ports & 0xF) == WideWindow ? space.Read32(PciRegisters.IoWindowHigh) : 0;
        Ports = new PciWindow((ports & 0xF0) << 8 | (portsHigh & 0xFFFF) << 16, (ports & 0xF000) | (portsHigh & 0xFFFF_0000) | PortGranule);
        uint memory = space.Read32(PciRegisters.MemoryWindow);
        Memory = new PciWindow((memory & 0xFFF0) << 16, (memory & 0xFFF0_0000) | MemoryGranule);
        uint fetch = space.Read32(PciRegisters.PrefetchableWindow);
        bool isWide = (fetch & 0xF) == WideWindow;
        ulong startHigh = isWide ? (ulong)space.Read32(PciRegisters.PrefetchableBaseHigh) << 32 : 0;
        ulong lastHigh = isWide ? (ulong)space.Read32(PciRegisters.PrefetchableLimitHigh) << 32 : 0;
        Prefetchable = new PciWindow(((fetch & 0xFFF0) << 16) | startHigh, (fetch & 0xFFF0_0000) | MemoryGranule | lastHigh);
        IsPrefetchableWide = isWide;
    }

    /// <summary>The bus that the bridge is on.</summary>
    public byte PrimaryBus { get; }

    /// <summary>The bus right behind it.</summary>
    public byte SecondaryBus { get; }

    /// <summary>The last bus behind it.</summary>
    public byte SubordinateBus { get; }

    /// <summary>I/O ports that it passes on.</summary>
    public PciWindow Ports { get; }

    /// <summary>Memory that it passes on.</summary>
    public PciWindow Memory { get; }

    /// <summary>Prefetchable memory that it passes on.</summary>
    public PciWindow Prefetchable { get; }

    /// <summary><see cref="Prefetchable"/> may lie above 4 GiB.</summary>
    public bool IsPrefetchableWide { get; }

    /// <summary>Whether a bus is behind it.</summary>
    public bool Reaches(byte bus) => SecondaryBus != 0 && bus >= SecondaryBus && bus <= SubordinateBus;

    // Buses that firmware did not number cannot be reached; the bridge itself does no harm.
    internal string? Problem(PciAddress address) => SecondaryBus != 0 && (PrimaryBus != address.Bus || SecondaryBus <= PrimaryBus || SubordinateBus < SecondaryBus)
        ? string.Create(CultureInfo.InvariantCulture, $"its bus numbers make no sense: primary {PrimaryBus}, secondary {SecondaryBus}, subordinate {SubordinateBus}")
        : null;
}
