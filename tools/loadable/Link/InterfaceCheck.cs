using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Loadable.Objects;
using CosmosKernel.Tools.Loadable.Roots;

namespace CosmosKernel.Tools.Loadable.Link;

/// <summary>
/// A type's dispatch map counts the interfaces that the compiler knew to be used, and its table lists others, too, when something else refers to them; then the map's numbers are those of other interfaces.
/// So each interface in the list of each of the module's types must be one of those that were used on purpose (<see cref="InterfacesWriter"/>).
/// Layout of a table in ILC 9.0: 16 bytes, 16-bit numbers of slots and of interfaces, 4 bytes, slots, interfaces.
/// </summary>
internal static class InterfaceCheck
{
    private const int SlotCountOffset = 16;
    private const int InterfaceCountOffset = 18;
    private const int SlotsOffset = 24;
    private const int PointerBytes = 8;

    /// <summary>Checks the tables of the types that a module has itself.</summary>
    /// <param name="code">The module's object.</param>
    /// <param name="isInFile">Whether a section of the object gets into the module's file.</param>
    /// <param name="used">The interfaces that were used: <see cref="InterfacesWriter.Read"/>.</param>
    /// <exception cref="LoadableException">An interface is not among them: the message names it and the types.</exception>
    public static void Run(CompiledObject code, Func<int, bool> isInFile, IReadOnlySet<string> used)
    {
        var unused = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach ((string name, int index) in code.Definitions.Where(d => d.Key.StartsWith(TypeNames.Table, StringComparison.Ordinal)))
        {
            ElfSymbol symbol = code.File.Symbols[index];
            if (!isInFile(symbol.SectionIndex))
            {
                continue;
            }

            foreach (string type in InterfacesOf(code, symbol).Where(t => !used.Contains(TypeNames.Definition(t))))
            {
                if (!unused.TryGetValue(type, out List<string>? users))
                {
                    unused.Add(type, users = []);
                }

                users.Add(name);
            }
        }

        if (unused.Count != 0)
        {
            IEnumerable<string> lines = unused.Select(u => $"  {u.Key}, of {string.Join(", ", u.Value.Order(StringComparer.Ordinal))}");
            throw new LoadableException(string.Join('\n', lines.Prepend($"{code.File.Path}: calls through {unused.Count} interface(s) would go astray, because the kernel does not use them or no type is known that their constraints allow:")));
        }
    }

    private static IEnumerable<string> InterfacesOf(CompiledObject code, ElfSymbol symbol)
    {
        ElfSection section = code.File.Sections[symbol.SectionIndex];
        if (section.Size < symbol.Value + SlotsOffset)
        {
            return [];
        }

        ReadOnlySpan<byte> table = code.File.Data(section)[(int)symbol.Value..];
        int slots = BinaryPrimitives.ReadUInt16LittleEndian(table[SlotCountOffset..]);
        int interfaces = BinaryPrimitives.ReadUInt16LittleEndian(table[InterfaceCountOffset..]);
        ulong start = symbol.Value + SlotsOffset + (ulong)(slots * PointerBytes);
        ulong end = start + (ulong)(interfaces * PointerBytes);
        return code.RelocationsOf(section).Where(r => r.Offset >= start && r.Offset < end).Select(r => code.File.NameOf(code.File.Symbols[r.SymbolIndex]));
    }
}
