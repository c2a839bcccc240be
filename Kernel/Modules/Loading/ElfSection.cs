using System;

namespace CosmosKernel.Modules.Loading;

/// <summary>What a section is for (ELF gABI, sh_type).</summary>
internal enum ElfSectionType : uint
{
    Null = 0,
    ProgramBits = 1,
    SymbolTable = 2,
    StringTable = 3,
    RelocationsWithAddends = 4,
    NoBits = 8,
    Relocations = 9,
    SymbolIndexes = 18,
    Unwind = 0x7000_0001,
}

/// <summary>Rights of a section (ELF gABI, sh_flags).</summary>
[Flags]
internal enum ElfSectionFlags : ulong
{
    None = 0,
    Write = 1,
    Allocated = 2,
    Execute = 4,
    ThreadLocal = 0x400,
    Compressed = 0x800,
}

/// <summary>One section of an object: its header, checked against the file.</summary>
/// <param name="Name">Name.</param>
/// <param name="Type">Type.</param>
/// <param name="Flags">Rights.</param>
/// <param name="Offset">Where in the file; meaningless for <see cref="ElfSectionType.NoBits"/>.</param>
/// <param name="Length">Bytes, in memory and, but for <see cref="ElfSectionType.NoBits"/>, in the file.</param>
/// <param name="Alignment">Power of two, at most a page.</param>
/// <param name="Link">Index of the section that this one refers to.</param>
/// <param name="Information">Index of the section that relocations are for.</param>
/// <param name="EntryLength">Bytes of a table's row.</param>
internal readonly record struct ElfSection(
    string Name, ElfSectionType Type, ElfSectionFlags Flags, int Offset, int Length, int Alignment, int Link, int Information, int EntryLength)
{
    public bool IsAllocated => (Flags & ElfSectionFlags.Allocated) != 0;

    public bool HasBits => Type != ElfSectionType.NoBits;
}
