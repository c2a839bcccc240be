namespace Cosmos.HAL;

/// <summary>Ports of the PC's serial lines.</summary>
public enum COMPort : ushort
{
    /// <summary>Serial line 1.</summary>
    COM1 = 0x3F8,

    /// <summary>Serial line 2.</summary>
    COM2 = 0x2F8,

    /// <summary>Serial line 3.</summary>
    COM3 = 0x3E8,

    /// <summary>Serial line 4.</summary>
    COM4 = 0x2E8,

    /// <summary>Serial line 5.</summary>
    COM5 = 0x5F8,

    /// <summary>Serial line 6.</summary>
    COM6 = 0x4F8,

    /// <summary>Serial line 7.</summary>
    COM7 = 0x5E8,

    /// <summary>Serial line 8.</summary>
    COM8 = 0x4E8,
}
