namespace CosmosKernel.Modules.Devices;

/// <summary>What a base address register decodes.</summary>
public enum PciBarKind
{
    /// <summary>Nothing: the register does not exist, or is the upper half of the one before it.</summary>
    None,

    /// <summary>I/O ports.</summary>
    Ports,

    /// <summary>Memory with a 32-bit address.</summary>
    Memory32,

    /// <summary>Memory with a 64-bit address, which takes two registers.</summary>
    Memory64,

    /// <summary>The expansion ROM.</summary>
    Rom,
}

/// <summary>A range that a device decodes, as its base address register says (PCI Local Bus 3.0, section 6.2.5).</summary>
/// <param name="Index">Which register, 0 to 5; <see cref="RomIndex"/> for the expansion ROM.</param>
/// <param name="Kind">What it decodes.</param>
/// <param name="Address">First byte or port; 0 when firmware gave it no address.</param>
/// <param name="Length">Bytes or ports, a power of two.</param>
/// <param name="IsPrefetchable">Reads have no side effects.</param>
public readonly record struct PciBar(int Index, PciBarKind Kind, ulong Address, ulong Length, bool IsPrefetchable)
{
    /// <summary><see cref="Index"/> of the expansion ROM.</summary>
    public const int RomIndex = 6;

    /// <summary>The register exists.</summary>
    public bool Exists => Kind != PciBarKind.None;

    /// <summary>It decodes memory that a driver may map.</summary>
    public bool IsMemory => Kind is PciBarKind.Memory32 or PciBarKind.Memory64;

    /// <summary>Whether some bytes from an offset are all inside.</summary>
    public bool Holds(ulong offset, ulong bytes) => bytes <= Length && offset <= Length - bytes;

    /// <inheritdoc/>
    public override string ToString() => Kind == PciBarKind.None ? $"BAR {Index}: none" : $"BAR {Index}: {Kind} 0x{Address:x}, 0x{Length:x} bytes";
}
