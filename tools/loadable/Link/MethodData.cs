using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Loadable.Objects;

namespace CosmosKernel.Tools.Loadable.Link;

/// <summary>
/// What ILC says of each method behind its frame description: flags, and pointers to clauses and associated data; for a funclet, its method. The collector's information that follows in the object
/// is left out, because the kernel looks at stacks without it.
/// </summary>
internal sealed class MethodData
{
    /// <summary>The object's section.</summary>
    public const string SectionName = ".dotnet_eh_table";

    private const byte FuncletMask = 3;
    private const byte HasClauses = 4;
    private const byte HasAssociatedData = 16;
    private const int FuncletLength = 9;

    private readonly CompiledObject _code;
    private readonly ElfSection? _section;
    private readonly Dictionary<int, ElfRelocation> _relocations = [];

    /// <summary>Reads an object's.</summary>
    public MethodData(CompiledObject code)
    {
        _code = code;
        if (code.File.TryGetSection(SectionName, out _section))
        {
            foreach (ElfRelocation relocation in code.RelocationsOf(_section))
            {
                _relocations.Add((int)relocation.Offset, relocation);
            }
        }
    }

    /// <summary>Where a relocation of a frame description points, if it points here.</summary>
    public bool TryGetOffset(in ElfRelocation relocation, out int offset)
    {
        ElfSymbol symbol = _code.File.Symbols[relocation.SymbolIndex];
        offset = (int)((long)symbol.Value + relocation.Addend);
        return symbol.SectionIndex > 0 && symbol.SectionIndex == _section?.Index;
    }

    /// <summary>The bytes that the kernel reads.</summary>
    public ReadOnlySpan<byte> BytesAt(int offset)
    {
        ReadOnlySpan<byte> data = _code.File.Data(_section!)[offset..];
        return data[..((data[0] & FuncletMask) != 0 ? FuncletLength : 1 + (4 * Pointers(data[0])))];
    }

    /// <summary>The pointers in them, with offsets in the object's section.</summary>
    public IEnumerable<ElfRelocation> ReferencesAt(int offset)
    {
        byte flags = _code.File.Data(_section!)[offset];
        return (flags & FuncletMask) != 0 ? [] : Enumerable.Range(0, Pointers(flags)).Select(i => _relocations[offset + 1 + (4 * i)]);
    }

    /// <summary>What a frame description refers to through its data.</summary>
    public IEnumerable<ElfRelocation> ReferencesOf(FrameRecord frame)
    {
        foreach (ElfRelocation relocation in frame.Relocations.Skip(1))
        {
            if (!TryGetOffset(relocation, out int offset))
            {
                throw new LoadableException($"{_code.File.Path}: the frame description at {frame.Offset} has no method's data; the object was not repaired");
            }

            foreach (ElfRelocation reference in ReferencesAt(offset))
            {
                yield return reference;
            }
        }
    }

    /// <summary>For a funclet, the place of its method's data.</summary>
    public bool TryGetMain(int offset, out int main)
    {
        ReadOnlySpan<byte> data = _code.File.Data(_section!)[offset..];
        bool isFunclet = (data[0] & FuncletMask) != 0;
        main = isFunclet ? offset + 1 + BinaryPrimitives.ReadInt32LittleEndian(data[1..]) : 0;
        return isFunclet;
    }

    private static int Pointers(byte flags) => ((flags & HasAssociatedData) != 0 ? 1 : 0) + ((flags & HasClauses) != 0 ? 1 : 0);
}
