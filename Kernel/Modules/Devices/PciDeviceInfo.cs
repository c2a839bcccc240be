using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Devices;

/// <summary>
/// What is known of a PCI function of this machine: constant from boot, but for who drives it. Anybody may look; to use the device, a driver claims it (<see cref="PciDevice"/>). Any context.
/// </summary>
public sealed class PciDeviceInfo
{
    // The claim; null while nobody has the device.
    [Atomic]
    private PciDevice? _claim;

    /// <summary>Reads a function's header, registers and capabilities. Nobody uses the device meanwhile (<see cref="PciBars.Read"/>). Task context.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="space">Its configuration space.</param>
    internal PciDeviceInfo(PciAddress address, PciConfigurationSpace space)
    {
        Address = address;
        Config = space;
        Name = string.Create(CultureInfo.InvariantCulture, $"{address.Segment:x4}:{address.Bus:x2}:{address.Device:x2}.{address.Function:x}");
        uint identity = space.Read32(PciRegisters.Vendor);
        Vendor = (ushort)identity;
        DeviceId = (ushort)(identity >> 16);
        uint classAndRevision = space.Read32(PciRegisters.ClassAndRevision);
        Class = (int)(classAndRevision >> 8);
        Revision = (byte)classAndRevision;
        HeaderType = (byte)(space.Read8(PciRegisters.HeaderType) & PciRegisters.HeaderTypeMask);
        if (HeaderType == PciRegisters.DeviceHeader)
        {
            SubsystemVendor = space.Read16(PciRegisters.SubsystemVendor);
            SubsystemId = space.Read16(PciRegisters.Subsystem);
        }

        InterruptPin = space.Read8(PciRegisters.InterruptPin);
        InterruptLine = space.Read8(PciRegisters.InterruptLine);
        var bars = new List<PciBar>();
        var capabilities = new List<PciCapability>();
        Problem = classAndRevision == uint.MaxValue ? "its header reads as all ones" : PciBars.Read(space, HeaderType, bars) ?? PciCapabilities.Read(space, capabilities);
        Bars = bars;
        Capabilities = capabilities;
        if (HeaderType == PciRegisters.BridgeHeader)
        {
            Bridge = new PciBridge(space);
            Problem ??= Bridge.Problem(address);
        }
    }

    /// <summary>Where it is.</summary>
    public PciAddress Address { get; }

    /// <summary>Where it is, as Linux writes it: <c>0000:00:1f.2</c>.</summary>
    public string Name { get; }

    /// <summary>Vendor identity.</summary>
    public ushort Vendor { get; }

    /// <summary>Device identity, given by the vendor.</summary>
    public ushort DeviceId { get; }

    /// <summary>Vendor of the subsystem, 0 when there is none.</summary>
    public ushort SubsystemVendor { get; }

    /// <summary>Identity of the subsystem, 0 when there is none.</summary>
    public ushort SubsystemId { get; }

    /// <summary>Base class, subclass and programming interface, 24 bits: 0x010000 a SCSI controller.</summary>
    public int Class { get; }

    /// <summary>Revision, given by the vendor.</summary>
    public byte Revision { get; }

    /// <summary>Layout of the header: 0 a device, 1 a PCI bridge, 2 a CardBus bridge.</summary>
    public byte HeaderType { get; }

    /// <summary>Which of the interrupt lines A (1) to D (4) of its slot it uses; 0 none.</summary>
    public byte InterruptPin { get; }

    /// <summary>The ISA interrupt that firmware routed its line to; 0xFF for none.</summary>
    public byte InterruptLine { get; }

    /// <summary>Its base address registers, those that exist, by index; the expansion ROM last.</summary>
    [Immutable]
    public IReadOnlyList<PciBar> Bars { get; }

    /// <summary>Its capabilities, in the order of their lists.</summary>
    [Immutable]
    public IReadOnlyList<PciCapability> Capabilities { get; }

    /// <summary>The buses and windows behind it, when it is a bridge.</summary>
    public PciBridge? Bridge { get; }

    /// <summary>Why nobody can use it; null when it is sound.</summary>
    public string? Problem { get; }

    /// <summary>The name of its driver; null while nobody uses it.</summary>
    public string? Driver => Volatile.Read(ref _claim)?.Owner;

    /// <summary>Its configuration space. Others than its driver only read.</summary>
    internal PciConfigurationSpace Config { get; }

    /// <summary>Reads a byte of its configuration space: 0xFF beyond the end.</summary>
    public byte ReadConfig(int offset) => Config.Read8(offset);

    /// <summary>Bytes of its configuration space.</summary>
    public int ConfigLength => Config.Length;

    /// <summary>A base address register; one that does not exist has the kind <see cref="PciBarKind.None"/>.</summary>
    /// <param name="index">0 to 5, or <see cref="PciBar.RomIndex"/>.</param>
    public PciBar Bar(int index)
    {
        foreach (PciBar bar in Bars)
        {
            if (bar.Index == index)
            {
                return bar;
            }
        }

        return new PciBar(index, PciBarKind.None, 0, 0, false);
    }

    /// <summary>Finds a capability.</summary>
    /// <param name="id">Which.</param>
    /// <param name="capability">The entry.</param>
    /// <param name="isExtended">One of PCI Express's extended capabilities.</param>
    /// <returns>False when it has none.</returns>
    public bool TryFindCapability(ushort id, out PciCapability capability, bool isExtended = false)
    {
        foreach (PciCapability candidate in Capabilities)
        {
            if (candidate.Id == id && candidate.IsExtended == isExtended)
            {
                capability = candidate;
                return true;
            }
        }

        capability = default;
        return false;
    }

    /// <summary>How user space asks for a module for it: the alias that the kernel's sysfs shows (modules.alias(5)).</summary>
    public string ModuleAlias => string.Create(
        CultureInfo.InvariantCulture,
        $"pci:v{Vendor:X8}d{DeviceId:X8}sv{SubsystemVendor:X8}sd{SubsystemId:X8}bc{Class >> 16:X2}sc{(Class >> 8) & 0xFF:X2}i{Class & 0xFF:X2}");

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"pci {Name} [{Vendor:x4}:{DeviceId:x4}]");

    /// <summary>Gives the device to a claim; false when another one has it.</summary>
    internal bool TryTake(PciDevice claim) => Interlocked.CompareExchange(ref _claim, claim, null) is null;

    /// <summary>Ends a claim.</summary>
    internal void Leave(PciDevice claim) => Interlocked.CompareExchange(ref _claim, null, claim);
}
