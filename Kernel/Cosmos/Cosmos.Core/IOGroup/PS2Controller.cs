namespace Cosmos.Core.IOGroup;

/// <summary>Ports of the keyboard's controller.</summary>
public static class PS2Controller
{
    /// <summary>Data.</summary>
    public const int Data = 0x60;

    /// <summary>Status, read.</summary>
    public const int Status = 0x64;

    /// <summary>Commands, written.</summary>
    public const int Command = 0x64;
}
