namespace Cosmos.HAL;

/// <summary>Subclasses of storage controllers.</summary>
public enum SubclassID
{
    /// <summary>SCSIStorage Controller.</summary>
    SCSIStorageController = 0x00,

    /// <summary>IDEInterface.</summary>
    IDEInterface = 0x01,

    /// <summary>Floppy Disk Controller.</summary>
    FloppyDiskController = 0x02,

    /// <summary>IPIBus Controller.</summary>
    IPIBusController = 0x03,

    /// <summary>RAIDController.</summary>
    RAIDController = 0x04,

    /// <summary>ATAController.</summary>
    ATAController = 0x05,

    /// <summary>SATAController.</summary>
    SATAController = 0x06,

    /// <summary>SASController.</summary>
    SASController = 0x07,

    /// <summary>NVMController.</summary>
    NVMController = 0x08,

    /// <summary>Unknown Mass Storage.</summary>
    UnknownMassStorage = 0x09,
}
