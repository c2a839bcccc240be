namespace CosmosKernel.Modules.Devices;

/// <summary>Offsets and bits of the configuration header (PCI Local Bus 3.0, section 6.1; PCI-to-PCI Bridge 1.2, section 3.2).</summary>
internal static class PciRegisters
{
    internal const int Vendor = 0x00;
    internal const int Command = 0x04;
    internal const int Status = 0x06;
    internal const int ClassAndRevision = 0x08;
    internal const int HeaderType = 0x0E;
    internal const int FirstBar = 0x10;
    internal const int PrimaryBus = 0x18;
    internal const int SecondaryBus = 0x19;
    internal const int SubordinateBus = 0x1A;
    internal const int IoWindow = 0x1C;
    internal const int MemoryWindow = 0x20;
    internal const int PrefetchableWindow = 0x24;
    internal const int PrefetchableBaseHigh = 0x28;
    internal const int PrefetchableLimitHigh = 0x2C;
    internal const int IoWindowHigh = 0x30;
    internal const int SubsystemVendor = 0x2C;
    internal const int Subsystem = 0x2E;
    internal const int DeviceRom = 0x30;
    internal const int CapabilityPointer = 0x34;
    internal const int BridgeRom = 0x38;
    internal const int InterruptLine = 0x3C;
    internal const int InterruptPin = 0x3D;
    internal const int HeaderEnd = 0x40;
    internal const int ExtendedStart = 0x100;

    internal const ushort CommandIo = 1 << 0;
    internal const ushort CommandMemory = 1 << 1;
    internal const ushort CommandBusMaster = 1 << 2;
    internal const ushort CommandInterruptDisable = 1 << 10;
    internal const ushort StatusCapabilities = 1 << 4;

    internal const byte DeviceHeader = 0;
    internal const byte BridgeHeader = 1;
    internal const byte HeaderTypeMask = 0x7F;

    internal const byte CapabilityMsi = 0x05;
    internal const byte CapabilityVendor = 0x09;
    internal const byte CapabilityExpress = 0x10;
    internal const byte CapabilityMsiX = 0x11;
}
