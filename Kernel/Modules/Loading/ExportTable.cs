using System;
using System.Text;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Loading;

/// <summary>
/// What a loaded module exports: hashes of names, ascending, and offsets in the module's memory. No addresses, because the collector takes words that look like addresses in a module for references to it.
/// </summary>
[Immutable]
internal sealed class ExportTable
{
    private readonly ulong[] _hashes;
    private readonly int[] _offsets;

    private ExportTable(ulong[] hashes, int[] offsets)
    {
        _hashes = hashes;
        _offsets = offsets;
    }

    /// <summary>64-bit FNV-1a of the name's UTF-8 bytes.</summary>
    public static ulong Hash(string name)
    {
        ulong hash = 0xCBF2_9CE4_8422_2325;
        Span<byte> bytes = stackalloc byte[512];
        int length = Encoding.UTF8.GetByteCount(name);
        if (length > bytes.Length)
        {
            bytes = new byte[length];
        }

        length = Encoding.UTF8.GetBytes(name, bytes);
        foreach (byte b in bytes[..length])
        {
            hash = unchecked((hash ^ b) * 0x100_0000_01B3);
        }

        return hash;
    }

    /// <summary>Collects the global symbols of an object.</summary>
    /// <exception cref="ModuleLoadException">Two have the same hash, so the same name.</exception>
    public static ExportTable Of(ElfObject elf, ModuleLayout layout)
    {
        int count = 0;
        foreach (ElfSymbol symbol in elf.Symbols)
        {
            count += IsExport(symbol, layout) ? 1 : 0;
        }

        var hashes = new ulong[count];
        var offsets = new int[count];
        count = 0;
        foreach (ElfSymbol symbol in elf.Symbols)
        {
            if (IsExport(symbol, layout))
            {
                hashes[count] = Hash(symbol.Name);
                offsets[count++] = layout.OffsetOf(symbol.Section) + (int)symbol.Value;
            }
        }

        Array.Sort(hashes, offsets);
        for (int i = 1; i < count; i++)
        {
            if (hashes[i] == hashes[i - 1])
            {
                throw ModuleLoadException.Format("it defines a symbol twice");
            }
        }

        return new ExportTable(hashes, offsets);
    }

    /// <summary>Finds an export by the hash of its name.</summary>
    public bool TryFind(ulong hash, out int offset)
    {
        int index = Array.BinarySearch(_hashes, hash);
        offset = index >= 0 ? _offsets[index] : 0;
        return index >= 0;
    }

    private static bool IsExport(in ElfSymbol symbol, ModuleLayout layout) =>
        symbol.IsGlobal && symbol.Section is not (ElfSymbol.Undefined or ElfSymbol.Absolute) && layout.OffsetOf(symbol.Section) >= 0;
}
