namespace CosmosKernel.Files.Terminals;

/// <summary>Requests of ioctl_console(2).</summary>
internal enum ConsoleRequest : uint
{
    /// <summary>Begins a tone, or ends it.</summary>
    KIOCSOUND = 0x4B2F,

    /// <summary>A tone that ends by itself.</summary>
    KDMKTONE = 0x4B30,

    /// <summary>What keyboard there is.</summary>
    KDGKBTYPE = 0x4B33,

    /// <summary>Reads the glyphs of characters.</summary>
    GIO_UNIMAP = 0x4B66,

    /// <summary>Adds glyphs of characters.</summary>
    PIO_UNIMAP = 0x4B67,

    /// <summary>Forgets the glyphs of characters.</summary>
    PIO_UNIMAPCLR = 0x4B68,

    /// <summary>Forgets a loaded font.</summary>
    PIO_FONTRESET = 0x4B6D,

    /// <summary>Loads, reads and forgets a font.</summary>
    KDFONTOP = 0x4B72,

    /// <summary>Text or graphics.</summary>
    KDGETMODE = 0x4B3B,
}
