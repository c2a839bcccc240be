namespace CosmosKernel.Tools.Elf;

/// <summary>One section header. Offsets and sizes are in bytes and were checked against the file's length.</summary>
/// <param name="Index">Position in the section header table.</param>
/// <param name="Name">Section name; empty when the header names none.</param>
/// <param name="Type">What the section holds.</param>
/// <param name="Flags">How it is used at run time.</param>
/// <param name="Address">Virtual address; zero in relocatable objects.</param>
/// <param name="Offset">Where its bytes begin in the file.</param>
/// <param name="Size">Size in memory; for <see cref="ElfSectionType.NoBits"/> the file holds none of it.</param>
/// <param name="Link">Index of an associated section (for symbol tables, the string table).</param>
/// <param name="Info">Extra information (for relocations, the section that they apply to).</param>
/// <param name="EntrySize">Size of an entry of a table section, or zero.</param>
/// <param name="Alignment">Alignment in bytes, a power of two; 0 and 1 mean none.</param>
public sealed record ElfSection(
    int Index,
    string Name,
    ElfSectionType Type,
    ElfSectionFlags Flags,
    ulong Address,
    ulong Offset,
    ulong Size,
    uint Link,
    uint Info,
    ulong EntrySize,
    ulong Alignment)
{
    /// <summary>Whether the section holds instructions that are loaded.</summary>
    public bool IsCode => (Flags & (ElfSectionFlags.Allocate | ElfSectionFlags.Execute)) == (ElfSectionFlags.Allocate | ElfSectionFlags.Execute);
}
