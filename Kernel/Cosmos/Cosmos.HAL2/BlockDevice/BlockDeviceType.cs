namespace Cosmos.HAL.BlockDevice;

/// <summary>Kinds of devices of blocks.</summary>
public enum BlockDeviceType
{
    /// <summary>A disk.</summary>
    HardDrive,

    /// <summary>A CD that can be taken out.</summary>
    RemovableCD,

    /// <summary>Another one that can be taken out.</summary>
    Removable,
}
