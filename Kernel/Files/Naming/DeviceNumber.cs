namespace CosmosKernel.Files.Naming;

/// <summary>A device number (makedev(3)).</summary>
/// <param name="Major">0 to 4095.</param>
/// <param name="Minor">0 to 1,048,575.</param>
public readonly record struct DeviceNumber(uint Major, uint Minor)
{
    /// <summary>The highest major number.</summary>
    public const uint HighestMajor = 4095;

    /// <summary>The highest minor number.</summary>
    public const uint HighestMinor = 1_048_575;

    /// <summary>As user space sees it in stat(2) and passes it to mknod(2).</summary>
    public ulong Encoded => (Minor & 0xFF) | ((ulong)(Major & 0xFFF) << 8) | ((ulong)(Minor & ~0xFFu) << 12) | ((ulong)(Major & ~0xFFFu) << 32);

    /// <summary>As /proc shows it where it is one number: the major in the upper 12 bits.</summary>
    public uint Internal => (Major << 20) | Minor;

    /// <summary>From user space's form.</summary>
    public static DeviceNumber Decode(ulong encoded) =>
        new((uint)((encoded >> 8 & 0xFFF) | (encoded >> 32 & ~0xFFFUL)), (uint)((encoded & 0xFF) | (encoded >> 12 & ~0xFFUL)));
}
