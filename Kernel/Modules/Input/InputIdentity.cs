namespace CosmosKernel.Modules.Input;

/// <summary>Which device it is, as <c>struct input_id</c> has it (EVIOCGID).</summary>
/// <param name="Bus">BUS_*: 0x06 virtual, 0x11 i8042, 0x13 RS-232, 0x19 host (<see cref="HostBus"/>).</param>
/// <param name="Vendor">Vendor on that bus.</param>
/// <param name="Product">Product of the vendor.</param>
/// <param name="Version">Its version.</param>
public readonly record struct InputIdentity(ushort Bus, ushort Vendor, ushort Product, ushort Version)
{
    /// <summary>BUS_ISA.</summary>
    public const ushort IsaBus = 0x10;

    /// <summary>BUS_I8042: the PS/2 controller.</summary>
    public const ushort Ps2Bus = 0x11;

    /// <summary>BUS_HOST: part of the machine itself.</summary>
    public const ushort HostBus = 0x19;

    /// <summary>BUS_VIRTUAL.</summary>
    public const ushort VirtualBus = 0x06;
}
