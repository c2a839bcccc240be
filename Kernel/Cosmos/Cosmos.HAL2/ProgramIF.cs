namespace Cosmos.HAL;

/// <summary>Programming interfaces of storage controllers.</summary>
public enum ProgramIF
{
    /// <summary>SATA Vendor Specific.</summary>
    SATA_VendorSpecific = 0x00,

    /// <summary>SATA AHCI.</summary>
    SATA_AHCI = 0x01,

    /// <summary>SATA Serial Storage Bus.</summary>
    SATA_SerialStorageBus = 0x02,

    /// <summary>SAS Serial Storage Bus.</summary>
    SAS_SerialStorageBus = 0x01,

    /// <summary>NVM NVMHCI.</summary>
    NVM_NVMHCI = 0x01,

    /// <summary>NVM NVMExpress.</summary>
    NVM_NVMExpress = 0x02,
}
