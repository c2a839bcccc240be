using System;
using System.Collections.Generic;
using System.IO;
using CosmosKernel.Tools.Elf;

namespace CosmosKernel.Tools.Loadable.Link;

/// <summary>A relocation of an output section whose target is outside of it, or absolute.</summary>
/// <param name="Offset">Offset of the field.</param>
/// <param name="Type">How it is computed.</param>
/// <param name="Target">Output section that it refers to, or null for an imported symbol.</param>
/// <param name="Symbol">Imported symbol, or null.</param>
/// <param name="Addend">What is added: for a section, the offset in it too.</param>
internal readonly record struct OutputRelocation(ulong Offset, ElfRelocationType Type, OutputSection? Target, string? Symbol, long Addend);

/// <summary>A section of the module's file, built from pieces of the object.</summary>
internal sealed class OutputSection(string name, ElfSectionFlags flags, bool isZero)
{
    private readonly MemoryStream _data = new();

    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>How it is used at run time.</summary>
    public ElfSectionFlags Flags { get; } = flags;

    /// <summary>Whether it holds zeros, and the file none of it.</summary>
    public bool IsZero { get; } = isZero;

    /// <summary>Alignment in bytes.</summary>
    public int Alignment { get; private set; } = 1;

    /// <summary>Size in bytes.</summary>
    public long Size { get; private set; }

    /// <summary>What is left for the loader.</summary>
    public List<OutputRelocation> Relocations { get; } = [];

    /// <summary>Pads to an alignment; returns the offset of what comes next.</summary>
    public long Align(int alignment)
    {
        Alignment = Math.Max(Alignment, alignment);
        long start = (Size + alignment - 1) & -(long)alignment;

        // Between functions stands INT3, which nobody runs into unseen.
        bool isCode = (Flags & ElfSectionFlags.Execute) != 0;
        for (; !IsZero && _data.Length < start;)
        {
            _data.WriteByte(isCode ? (byte)0xCC : (byte)0);
        }

        Size = start;
        return start;
    }

    /// <summary>Appends bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        _data.Write(bytes);
        Size += bytes.Length;
    }

    /// <summary>Appends zeros.</summary>
    public void AppendZeros(long count)
    {
        if (!IsZero)
        {
            _data.Write(new byte[count]);
        }

        Size += count;
    }

    /// <summary>The bytes so far, to be changed in place.</summary>
    public Span<byte> Bytes => _data.GetBuffer().AsSpan(0, (int)_data.Length);
}
