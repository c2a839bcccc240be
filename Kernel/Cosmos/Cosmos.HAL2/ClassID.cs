namespace Cosmos.HAL;

/// <summary>Classes of PCI devices (PCI Code and ID Assignment Specification 1.11, section 1).</summary>
public enum ClassID
{
    /// <summary>PCIDevice 2 0.</summary>
    PCIDevice_2_0 = 0x00,

    /// <summary>Mass Storage Controller.</summary>
    MassStorageController = 0x01,

    /// <summary>Network Controller.</summary>
    NetworkController = 0x02,

    /// <summary>Display Controller.</summary>
    DisplayController = 0x03,

    /// <summary>Multimedia Device.</summary>
    MultimediaDevice = 0x04,

    /// <summary>Memory Controller.</summary>
    MemoryController = 0x05,

    /// <summary>Bridge Device.</summary>
    BridgeDevice = 0x06,

    /// <summary>Simple Comm Controller.</summary>
    SimpleCommController = 0x07,

    /// <summary>Base System Preiph.</summary>
    BaseSystemPreiph = 0x08,

    /// <summary>Input Device.</summary>
    InputDevice = 0x09,

    /// <summary>Docking Stations.</summary>
    DockingStations = 0x0A,

    /// <summary>Proccesors.</summary>
    Proccesors = 0x0B,

    /// <summary>Serial Bus Controller.</summary>
    SerialBusController = 0x0C,

    /// <summary>Wireless Controller.</summary>
    WirelessController = 0x0D,

    /// <summary>Inteligent Controller.</summary>
    InteligentController = 0x0E,

    /// <summary>Satelite Comm Controller.</summary>
    SateliteCommController = 0x0F,

    /// <summary>Encryption Controller.</summary>
    EncryptionController = 0x10,

    /// <summary>Signal Processing Controller.</summary>
    SignalProcessingController = 0x11,

    /// <summary>Processing Accelerators.</summary>
    ProcessingAccelerators = 0x12,

    /// <summary>Non Essential Instsrumentation.</summary>
    NonEssentialInstsrumentation = 0x13,

    /// <summary>Coprocessor.</summary>
    Coprocessor = 0x40,

    /// <summary>Unclassified.</summary>
    Unclassified = 0xFF,
}
