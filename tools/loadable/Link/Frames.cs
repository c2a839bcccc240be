using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Loadable.Objects;

namespace CosmosKernel.Tools.Loadable.Link;

/// <summary>A record of <c>.eh_frame</c>: a common entry, or the description of one function's frame.</summary>
/// <param name="Offset">Where it begins in the object's section.</param>
/// <param name="Length">Bytes, with the length field.</param>
/// <param name="Common">For a frame description, the offset of its common entry; otherwise -1.</param>
/// <param name="Relocations">Relocations in it, with offsets in the object's section.</param>
internal sealed record FrameRecord(int Offset, int Length, int Common, IReadOnlyList<ElfRelocation> Relocations);

/// <summary>The frame descriptions of an object (System V ABI for AMD64, 4.2.4; LSB, Exception Frames), by the section of their function.</summary>
internal sealed class Frames
{
    private const int IdentifierOffset = 4;
    private const int FunctionOffset = 8;

    private readonly Dictionary<int, List<FrameRecord>> _bySection = [];
    private readonly Dictionary<int, FrameRecord> _common = [];

    private Frames(ElfSection? section) => Section = section;

    /// <summary>The object's section; null when it has none.</summary>
    public ElfSection? Section { get; }

    /// <summary>Reads an object's.</summary>
    public static Frames Of(CompiledObject code)
    {
        ElfFile file = code.File;
        if (!file.TryGetSection(".eh_frame", out ElfSection? section))
        {
            return new Frames(null);
        }

        var frames = new Frames(section);
        ReadOnlySpan<byte> data = file.Data(section);
        ElfRelocation[] relocations = code.RelocationsOf(section);
        Array.Sort(relocations, static (a, b) => a.Offset.CompareTo(b.Offset));
        int next = 0;
        for (int at = 0; at + IdentifierOffset <= data.Length;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(data[at..]);
            if (length == 0)
            {
                break;
            }

            int end = at + IdentifierOffset + length;
            if (length < IdentifierOffset || end > data.Length)
            {
                throw new LoadableException($"{file.Path}: .eh_frame is damaged at offset {at}");
            }

            var inside = new List<ElfRelocation>();
            for (; next < relocations.Length && (int)relocations[next].Offset < end; next++)
            {
                inside.Add(relocations[next]);
            }

            int pointer = BinaryPrimitives.ReadInt32LittleEndian(data[(at + IdentifierOffset)..]);
            if (pointer == 0)
            {
                frames._common.Add(at, new FrameRecord(at, end - at, -1, inside));
            }
            else
            {
                frames.AddFunction(file, new FrameRecord(at, end - at, at + IdentifierOffset - pointer, inside));
            }

            at = end;
        }

        return frames;
    }

    /// <summary>The descriptions of the functions in a section, in order.</summary>
    public IReadOnlyList<FrameRecord> FunctionsIn(int section) => _bySection.TryGetValue(section, out List<FrameRecord>? found) ? found : [];

    /// <summary>The common entry at an offset.</summary>
    public FrameRecord CommonAt(int offset) => _common[offset];

    private void AddFunction(ElfFile file, FrameRecord record)
    {
        if (!_common.ContainsKey(record.Common) || record.Relocations.Count == 0 || (int)record.Relocations[0].Offset != record.Offset + FunctionOffset)
        {
            throw new LoadableException($"{file.Path}: .eh_frame is damaged at offset {record.Offset}");
        }

        int section = file.Symbols[record.Relocations[0].SymbolIndex].SectionIndex;
        if (!_bySection.TryGetValue(section, out List<FrameRecord>? list))
        {
            _bySection.Add(section, list = []);
        }

        list.Add(record);
    }
}
