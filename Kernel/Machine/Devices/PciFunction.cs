namespace CosmosKernel.Machine.Devices;

/// <summary>A PCI function that answered, as its configuration header describes it (PCI Local Bus 3.0, section 6.1).</summary>
public readonly struct PciFunction
{
    private const int Identity = 0x00;
    private const int ClassAndRevision = 0x08;
    private const int HeaderTypeOffset = 0x0E;
    private const int FirstBar = 0x10;
    private const int CapabilityPointer = 0x34;
    private const int InterruptLineOffset = 0x3C;
    private const ushort HasCapabilities = 1 << 4;
    private const int StatusOffset = 0x06;
    private const int MostCapabilities = 48;
    private const ushort NoVendor = 0xFFFF;

    private PciFunction(PciAddress address, uint identity, uint classAndRevision, byte headerType)
    {
        Address = address;
        Vendor = (ushort)identity;
        DeviceId = (ushort)(identity >> 16);
        Class = (byte)(classAndRevision >> 24);
        Subclass = (byte)(classAndRevision >> 16);
        ProgrammingInterface = (byte)(classAndRevision >> 8);
        Revision = (byte)classAndRevision;
        HeaderType = (byte)(headerType & 0x7F);
    }

    /// <summary>Where it is.</summary>
    public PciAddress Address { get; }

    /// <summary>Vendor identity.</summary>
    public ushort Vendor { get; }

    /// <summary>Device identity, given by the vendor.</summary>
    public ushort DeviceId { get; }

    /// <summary>Base class: 1 storage, 2 network, 3 display, 6 bridge, 0x0C serial bus.</summary>
    public byte Class { get; }

    /// <summary>Subclass.</summary>
    public byte Subclass { get; }

    /// <summary>Programming interface.</summary>
    public byte ProgrammingInterface { get; }

    /// <summary>Revision, given by the vendor.</summary>
    public byte Revision { get; }

    /// <summary>Layout of the header: 0 a device, 1 a PCI bridge, 2 a CardBus bridge.</summary>
    public byte HeaderType { get; }

    /// <summary>ISA interrupt that firmware assigned, or 0xFF.</summary>
    public byte LegacyInterrupt => PciConfiguration.Read8(Address, InterruptLineOffset);

    /// <summary>Number of base address registers.</summary>
    public int BarCount => HeaderType switch { 0 => 6, 1 => 2, _ => 0 };

    /// <summary>Looks whether a function answers at an address.</summary>
    public static bool TryRead(PciAddress address, out PciFunction function)
    {
        uint identity = PciConfiguration.Read32(address, Identity);
        if ((ushort)identity == NoVendor || identity == 0)
        {
            function = default;
            return false;
        }

        function = new PciFunction(
            address, identity, PciConfiguration.Read32(address, ClassAndRevision), PciConfiguration.Read8(address, HeaderTypeOffset));
        return true;
    }

    /// <summary>Base address register <paramref name="index"/>, 0 to 5, as it stands; 0 beyond <see cref="BarCount"/>.</summary>
    public uint ReadBar(int index)
    {
        return (uint)index < (uint)BarCount ? PciConfiguration.Read32(Address, FirstBar + (4 * index)) : 0;
    }

    /// <summary>Offset of the first capability with this identity in configuration space, or 0.</summary>
    public int FindCapability(byte identity)
    {
        if ((PciConfiguration.Read16(Address, StatusOffset) & HasCapabilities) == 0)
        {
            return 0;
        }

        int offset = PciConfiguration.Read8(Address, CapabilityPointer) & ~3;

        // The list of a broken device may be a ring.
        for (int i = 0; i < MostCapabilities && offset >= 0x40; i++)
        {
            ushort header = PciConfiguration.Read16(Address, offset);
            if ((byte)header == identity)
            {
                return offset;
            }

            offset = (header >> 8) & ~3;
        }

        return 0;
    }
}
