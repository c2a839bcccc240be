namespace Cosmos.HAL;

/// <summary>Devices that Cosmos knows.</summary>
public enum DeviceID
{
    /// <summary>SVGAIIAdapter.</summary>
    SVGAIIAdapter = 0x0405,

    /// <summary>PCNETII.</summary>
    PCNETII = 0x2000,

    /// <summary>BGA.</summary>
    BGA = 0x1111,

    /// <summary>VBVGA.</summary>
    VBVGA = 0xBEEF,

    /// <summary>VBox Guest.</summary>
    VBoxGuest = 0xCAFE,
}
