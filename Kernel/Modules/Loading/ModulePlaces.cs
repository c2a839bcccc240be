using System;
using System.Buffers.Binary;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Images;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Areas;

namespace CosmosKernel.Modules.Loading;

/// <summary>The places in a module's memory that the kernel reads: entry, tables, bounds of code; offsets from its start, checked. Task context.</summary>
[TaskPrivate]
internal sealed class ModulePlaces
{
    private readonly ElfObject _elf;
    private readonly ModuleLayout _layout;

    private ModulePlaces(ElfObject elf, ModuleLayout layout)
    {
        _elf = elf;
        _layout = layout;
    }

    /// <summary>The entry, in code.</summary>
    public int Entry { get; private set; }

    private (int Start, int Length) Header { get; set; }

    private (int Start, int Length) UnwindIndex { get; set; }

    private (int Start, int Length) UnwindEntries { get; set; }

    private (int Start, int Length) Symbols { get; set; }

    private (int Start, int Length) Information { get; set; }

    private (int Start, int Length) Managed { get; set; }

    private (int Start, int Length) Unboxing { get; set; }

    /// <summary>Finds them.</summary>
    /// <exception cref="ModuleLoadException">One that is needed is not there, or lies where it cannot be.</exception>
    public static ModulePlaces Of(ElfObject elf, ModuleLayout layout)
    {
        var places = new ModulePlaces(elf, layout);
        places.Header = places.Section("__modules");
        places.UnwindIndex = places.Section(".cosmos.unwind");
        places.UnwindEntries = places.Section(".eh_frame");
        places.Symbols = places.Section(".ksymbols");
        places.Information = places.Section(".modinfo");
        places.Managed = places.Range("__start___managedcode", "__stop___managedcode");
        places.Unboxing = places.Range("__start___unbox", "__stop___unbox");
        places.Entry = places.Symbol("CosmosModuleEntry");
        if (places.Entry < 0 || places.Entry >= layout.LengthOf(ModuleRights.Code))
        {
            throw ModuleLoadException.Format("it has no entry: no symbol CosmosModuleEntry in its code");
        }

        if (places.Header.Length != sizeof(ulong))
        {
            throw ModuleLoadException.Format("it has no ready-to-run header: no section __modules of one pointer");
        }

        return places;
    }

    /// <summary>Checks the tables that are read in faults and panics, where nothing can be refused any more.</summary>
    /// <param name="image">The linked bytes.</param>
    /// <exception cref="ModuleLoadException">One is damaged.</exception>
    public void Check(ReadOnlySpan<byte> image)
    {
        ReadOnlySpan<byte> rows = image.Slice(UnwindIndex.Start, UnwindIndex.Length);
        ReadOnlySpan<byte> entries = image.Slice(UnwindEntries.Start, UnwindEntries.Length);
        long last = -1;
        for (int at = 0; at + 8 <= rows.Length; at += 8)
        {
            uint function = BinaryPrimitives.ReadUInt32LittleEndian(rows[at..]);
            uint entry = BinaryPrimitives.ReadUInt32LittleEndian(rows[(at + 4)..]);
            if (function <= last || function >= _layout.LengthOf(ModuleRights.Code) || !UnwindCheck.IsEntry(entries, entry))
            {
                throw ModuleLoadException.Format($"row {at / 8} of its unwind index is damaged");
            }

            last = function;
        }
    }

    /// <summary>Address of the ready-to-run header, as the linked bytes have it.</summary>
    public ulong HeaderIn(ReadOnlySpan<byte> image) => BinaryPrimitives.ReadUInt64LittleEndian(image[Header.Start..]);

    /// <summary>What starts from addresses sees of the module.</summary>
    /// <param name="start">The module's first address.</param>
    /// <param name="image">The linked bytes.</param>
    public CodeImage ToImage(ulong start, ReadOnlySpan<byte> image)
    {
        ReadOnlySpan<byte> information = image.Slice(Information.Start, Information.Length);
        int name = information.StartsWith("name="u8) ? 0 : information.IndexOf("\0name="u8) + 1;
        int nameStart = name + "name=".Length;
        int nameLength = information[nameStart..].IndexOf((byte)0);
        nameLength = nameLength < 0 ? information.Length - nameStart : nameLength;
        ulong constants = start + (ulong)_layout.StartOf(ModuleRights.Data);
        return new CodeImage
        {
            Start = start,
            TextEnd = start + (ulong)_layout.LengthOf(ModuleRights.Code),
            ReadOnlyEnd = constants,
            End = start + (ulong)_layout.Length,
            ManagedStart = start + (ulong)Managed.Start,
            ManagedEnd = start + (ulong)(Managed.Start + Managed.Length),
            UnboxingStart = start + (ulong)Unboxing.Start,
            UnboxingEnd = start + (ulong)(Unboxing.Start + Unboxing.Length),
            UnwindIndex = start + (ulong)UnwindIndex.Start,
            UnwindCount = (uint)UnwindIndex.Length / 8,
            UnwindEntries = start + (ulong)UnwindEntries.Start,
            UnwindBytes = (uint)UnwindEntries.Length,
            Symbols = SymbolTableView.At(start + (ulong)Symbols.Start, (ulong)Symbols.Length, start),
            Name = start + (ulong)(Information.Start + nameStart),
            NameLength = nameLength,
        };
    }

    private (int Start, int Length) Section(string name)
    {
        int section = _elf.Find(name);
        return section < 0 || _layout.OffsetOf(section) < 0 || !_elf.Sections[section].HasBits ? (0, 0) : (_layout.OffsetOf(section), _elf.Sections[section].Length);
    }

    private (int Start, int Length) Range(string first, string end)
    {
        int start = Symbol(first);
        int stop = Symbol(end);
        return start < 0 || stop < start || stop > _layout.LengthOf(ModuleRights.Code) ? (0, 0) : (start, stop - start);
    }

    private int Symbol(string name)
    {
        foreach (ElfSymbol symbol in _elf.Symbols)
        {
            if (symbol.Name == name && symbol.Section is not (ElfSymbol.Undefined or ElfSymbol.Absolute) && _layout.OffsetOf(symbol.Section) >= 0)
            {
                return _layout.OffsetOf(symbol.Section) + (int)symbol.Value;
            }
        }

        return -1;
    }
}
