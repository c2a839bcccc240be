namespace CosmosKernel.Tools.Elf;

/// <summary>One symbol. Kept small, since a kernel object has tens of thousands; <see cref="ElfFile.NameOf(in ElfSymbol)"/> gives its name.</summary>
/// <param name="Value">Offset in its section for relocatable objects, virtual address otherwise.</param>
/// <param name="Size">Size in bytes; zero when unknown, as for most assembly labels.</param>
/// <param name="NameOffset">Offset of the name in the symbol string table.</param>
/// <param name="SectionIndex">Defining section, or <see cref="UndefinedSection"/>, <see cref="AbsoluteSection"/>, <see cref="CommonSection"/>.</param>
/// <param name="Type">What the symbol stands for.</param>
/// <param name="Binding">Who sees it.</param>
public readonly record struct ElfSymbol(
    ulong Value,
    ulong Size,
    uint NameOffset,
    int SectionIndex,
    ElfSymbolType Type,
    ElfSymbolBinding Binding)
{
    /// <summary><see cref="SectionIndex"/> of a symbol that another object defines.</summary>
    public const int UndefinedSection = 0;

    /// <summary><see cref="SectionIndex"/> of a symbol whose value is a plain number.</summary>
    public const int AbsoluteSection = -1;

    /// <summary><see cref="SectionIndex"/> of an unallocated common block.</summary>
    public const int CommonSection = -2;

    /// <summary>Whether another object has to define this symbol.</summary>
    public bool IsUndefined => SectionIndex == UndefinedSection;
}

/// <summary>One relocation: a field at <paramref name="Offset"/> in its section that refers to a symbol.</summary>
/// <param name="Offset">Offset of the field in the section that the relocations apply to.</param>
/// <param name="SymbolIndex">Index in <see cref="ElfFile.Symbols"/>.</param>
/// <param name="Type">How the field is computed.</param>
/// <param name="Addend">Constant added to the symbol's value.</param>
public readonly record struct ElfRelocation(ulong Offset, int SymbolIndex, ElfRelocationType Type, long Addend);
