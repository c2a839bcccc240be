using System;

namespace CosmosKernel.Tools.Elf;

/// <summary>Section types (<c>sh_type</c>) that the tools look at; System V gABI, "Sections".</summary>
public enum ElfSectionType : uint
{
    /// <summary>Unused header.</summary>
    Null = 0,

    /// <summary>Bytes whose meaning the program defines.</summary>
    ProgramBits = 1,

    /// <summary>Symbol table.</summary>
    SymbolTable = 2,

    /// <summary>String table.</summary>
    StringTable = 3,

    /// <summary>Relocations with explicit addends.</summary>
    RelocationsWithAddends = 4,

    /// <summary>Zero-filled memory with no bytes in the file.</summary>
    NoBits = 8,

    /// <summary>Relocations without addends.</summary>
    Relocations = 9,

    /// <summary>Section group (COMDAT).</summary>
    Group = 17,

    /// <summary>32-bit section indices of symbols whose 16-bit field is too small.</summary>
    SymbolTableIndices = 18,
}

/// <summary>Section flags (<c>sh_flags</c>).</summary>
[Flags]
public enum ElfSectionFlags : ulong
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>Writable at run time.</summary>
    Write = 1,

    /// <summary>Occupies memory at run time.</summary>
    Allocate = 2,

    /// <summary>Holds instructions.</summary>
    Execute = 4,

    /// <summary>The <c>sh_info</c> field holds a section index.</summary>
    InfoLink = 0x40,

    /// <summary>Holds thread-local data.</summary>
    ThreadLocal = 0x400,

    /// <summary>Compressed; begins with an <c>Elf64_Chdr</c>.</summary>
    Compressed = 0x800,
}

/// <summary>Symbol types, the low four bits of <c>st_info</c>.</summary>
public enum ElfSymbolType : byte
{
    /// <summary>Unspecified.</summary>
    None = 0,

    /// <summary>Data.</summary>
    Object = 1,

    /// <summary>Executable code.</summary>
    Function = 2,

    /// <summary>A section.</summary>
    Section = 3,

    /// <summary>A source file name.</summary>
    File = 4,

    /// <summary>A thread-local variable.</summary>
    ThreadLocal = 6,
}

/// <summary>Symbol bindings, the high four bits of <c>st_info</c>.</summary>
public enum ElfSymbolBinding : byte
{
    /// <summary>Visible in this object only.</summary>
    Local = 0,

    /// <summary>Visible to all objects of a link.</summary>
    Global = 1,

    /// <summary>Like global, of lower precedence.</summary>
    Weak = 2,
}

/// <summary>Relocation types of the System V ABI for AMD64, table 4.9.</summary>
public enum ElfRelocationType : uint
{
    /// <summary>No relocation.</summary>
    None = 0,

    /// <summary>S + A, 64 bits.</summary>
    Absolute64 = 1,

    /// <summary>S + A - P, 32 bits.</summary>
    Relative32 = 2,

    /// <summary>L + A - P, 32 bits: a call or jump, through the PLT where there is one.</summary>
    Plt32 = 4,

    /// <summary>G + GOT + A - P, 32 bits.</summary>
    GotRelative = 9,

    /// <summary>S + A, 32 bits, zero-extended.</summary>
    Absolute32 = 10,

    /// <summary>S + A, 32 bits, sign-extended.</summary>
    Absolute32Signed = 11,

    /// <summary>General-dynamic thread-local access.</summary>
    ThreadLocalGeneralDynamic = 19,

    /// <summary>Local-dynamic thread-local access.</summary>
    ThreadLocalLocalDynamic = 20,

    /// <summary>Offset in a thread-local block.</summary>
    ThreadLocalOffset32 = 21,

    /// <summary>Initial-exec thread-local access.</summary>
    ThreadLocalInitialExec = 22,

    /// <summary>Local-exec thread-local access.</summary>
    ThreadLocalLocalExec = 23,

    /// <summary>Relaxable <see cref="GotRelative"/>.</summary>
    GotRelativeRelaxable = 41,

    /// <summary>Relaxable <see cref="GotRelative"/> in an instruction with a REX prefix.</summary>
    GotRelativeRexRelaxable = 42,
}
