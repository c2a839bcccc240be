using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Loadable.Objects;

namespace CosmosKernel.Tools.Loadable.Exports;

/// <summary>The table of exports in the kernel's image (docs/module-loading.md has the layout). The linker fills in the addresses.</summary>
internal static class ExportTable
{
    /// <summary>The section that holds it.</summary>
    public const string SectionName = ".kexports";

    private const uint Magic = 0x5058454B;
    private const uint Version = 1;
    private const int HeaderSize = 40;
    private const ulong Base = 0xFFFFFFFF80000000;

    /// <summary>Makes an object with the table.</summary>
    /// <exception cref="LoadableException">Two names have the same hash.</exception>
    public static byte[] ToObject(SymbolList symbols)
    {
        List<(ulong Hash, string Name)> sorted = [.. symbols.Symbols.Keys.Select(name => (Fnv.Of(name), name)).OrderBy(pair => pair.Item1)];
        for (int i = 1; i < sorted.Count; i++)
        {
            if (sorted[i].Hash == sorted[i - 1].Hash)
            {
                throw new LoadableException($"the symbols '{sorted[i - 1].Name}' and '{sorted[i].Name}' have the same hash; rename one");
            }
        }

        byte[] information = InformationBytes(symbols.Information);
        int hashes = HeaderSize;
        int values = hashes + (8 * sorted.Count);
        int texts = values + (4 * sorted.Count);
        var table = new byte[texts + information.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(table, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(4), Version);
        BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(8), table.Length);
        BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(12), sorted.Count);
        BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(16), Base);
        BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(24), hashes);
        BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(28), values);
        BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(32), texts);
        BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(36), information.Length);
        information.CopyTo(table, texts);
        var writer = new ElfObjectWriter();
        for (int i = 0; i < sorted.Count; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(hashes + (8 * i)), sorted[i].Hash);
        }

        int section = writer.AddSection(SectionName, table, ElfSectionFlags.Allocate, 16);
        for (int i = 0; i < sorted.Count; i++)
        {
            writer.AddRelocation(section, (ulong)(values + (4 * i)), sorted[i].Name, ElfRelocationType.Absolute32, unchecked((long)(0 - Base)));
        }

        return writer.Write();
    }

    /// <summary>Strings KEY=VALUE, each ended by a zero byte.</summary>
    public static byte[] InformationBytes(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        var bytes = new List<byte>();
        foreach ((string key, string value) in pairs)
        {
            bytes.AddRange(Encoding.UTF8.GetBytes($"{key}={value}"));
            bytes.Add(0);
        }

        return [.. bytes];
    }
}
