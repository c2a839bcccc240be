using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Elf.Names;

namespace CosmosKernel.Tools.Loadable.Objects;

/// <summary>
/// Repairs an object that ILC 9.0 wrote with <c>--multifile</c>. The compiler gives each method's data (clauses, associated data, the way from a funclet to its method) a symbol in a section of its own,
/// and writes the data itself one after another into the common section: so all symbols point at nothing. The order is that of the frame descriptions, and the lengths are known.
/// </summary>
internal static class MethodDataRepair
{
    private const string SectionName = ".dotnet_eh_table";
    private const string Symbol = "_lsda";
    private const int SymbolSize = 24;
    private const byte FuncletMask = 3;
    private const byte HasClauses = 4;
    private const byte HasAssociatedData = 16;
    private const int FuncletLength = 9;

    /// <summary>Repairs a file in place; does nothing to one that needs none.</summary>
    /// <param name="path">The object.</param>
    /// <param name="statistics">ILC's size statistics of the same compilation, which have the length of each method's collector information.</param>
    /// <exception cref="LoadableException">The data is not what it should be: a compiler of another version.</exception>
    public static void Repair(string path, string statistics)
    {
        byte[] bytes = File.ReadAllBytes(path);
        if (Repair(bytes, path, MstatReader.ReadCollectorInformation(statistics)))
        {
            File.WriteAllBytes(path, bytes);
        }
    }

    /// <summary>Repairs an object in memory; false when there was nothing to do.</summary>
    internal static bool Repair(byte[] bytes, string path, IReadOnlyDictionary<string, int> collectorInformation)
    {
        var file = ElfFile.Parse(bytes, path);
        if (!file.TryGetSection(SectionName, out ElfSection? data) || !file.TryGetSection(".eh_frame", out ElfSection? frames))
        {
            return false;
        }

        ElfSection table = file.Sections.First(s => s.Type == ElfSectionType.SymbolTable);
        HashSet<long> references = [.. file.RelocationsOf(data).Select(r => (long)r.Offset)];
        ReadOnlySpan<ElfSymbol> symbols = file.Symbols;
        int at = 0;
        int main = 0;
        bool changed = false;
        foreach (ElfRelocation relocation in file.RelocationsOf(frames).OrderBy(r => r.Offset))
        {
            string name = file.NameOf(symbols[relocation.SymbolIndex]);
            if (!name.StartsWith(Symbol, StringComparison.Ordinal))
            {
                continue;
            }

            if (symbols[relocation.SymbolIndex].SectionIndex == data.Index)
            {
                return changed ? throw Unexpected(path, name, "some symbols are where they should be, and some are not") : false;
            }

            if (at >= (int)data.Size)
            {
                throw Unexpected(path, name, "the data ends too early");
            }

            // _lsda, the number of the funclet, the method.
            string method = name[Symbol.Length..].TrimStart("0123456789".ToCharArray());
            byte flags = bytes[(int)data.Offset + at];
            bool isFunclet = !name.StartsWith(Symbol + "0", StringComparison.Ordinal);
            if (isFunclet != ((flags & FuncletMask) != 0))
            {
                throw Unexpected(path, name, $"flags are 0x{flags:x2} at {at}");
            }

            WriteSymbol(bytes.AsSpan((int)table.Offset + (SymbolSize * relocation.SymbolIndex)), data.Index, at);
            changed = true;
            if (isFunclet)
            {
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan((int)data.Offset + at + 1), main - (at + 1));
                at += FuncletLength;
                continue;
            }

            main = at;
            at++;
            for (int i = 0; i < ((flags & HasAssociatedData) != 0 ? 1 : 0) + ((flags & HasClauses) != 0 ? 1 : 0); i++, at += 4)
            {
                if (!references.Remove(at))
                {
                    throw Unexpected(path, name, $"no pointer at {at}");
                }
            }

            at += collectorInformation.TryGetValue(method, out int length) ? length : throw Unexpected(path, name, "the size statistics do not have the method");
        }

        // Whatever is left over would mean that what was read is not what was written.
        return at == (int)data.Size && references.Count == 0
            ? changed
            : throw Unexpected(path, SectionName, $"{(int)data.Size - at} bytes and {references.Count} pointers are left over");
    }

    private static void WriteSymbol(Span<byte> entry, int section, int value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(entry[6..], checked((ushort)section));
        BinaryPrimitives.WriteUInt64LittleEndian(entry[8..], (ulong)value);
    }

    private static LoadableException Unexpected(string path, string name, string what) =>
        new($"{path}: the data of methods is not laid out as ILC 9.0 does: {name}: {what}");
}
