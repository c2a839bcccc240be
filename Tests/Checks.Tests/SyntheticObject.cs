using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Elf.Names;
using CosmosKernel.Tools.ObjCheck;
using CosmosKernel.Tools.ObjCheck.Code;
using CosmosKernel.Tools.ObjCheck.Rules;
using CosmosKernel.Tools.ObjCheck.Walk;

namespace CosmosKernel.Tests.Checks;

/// <summary>Builds an object out of functions given as machine code, laid out one behind the other as ILC does it, and walks it.</summary>
internal sealed class SyntheticObject
{
    private const int Alignment = 16;
    private const byte Nop = 0x90;

    private readonly List<byte> _code = [];
    private readonly List<Action> _fixups = [];
    private readonly Dictionary<string, int> _starts = new(StringComparer.Ordinal);
    private readonly List<(ulong Offset, string Symbol)> _relocations = [];
    private readonly Dictionary<string, int> _ends = new(StringComparer.Ordinal);

    /// <summary>Adds a function with a size. Each part is bytes, or a reference.</summary>
    public SyntheticObject Function(string name, params Part[] parts) => Add(name, true, parts);

    /// <summary>Adds a label without size, as assembly has them.</summary>
    public SyntheticObject Label(string name, params Part[] parts) => Add(name, false, parts);

    /// <summary>Makes the object.</summary>
    public ElfFile ToFile(string name = "synthetic.o")
    {
        _fixups.ForEach(a => a());
        var writer = new ElfObjectWriter();
        int section = writer.AddSection("__managedcode", [.. _code], ElfSectionFlags.Allocate | ElfSectionFlags.Execute, Alignment);
        foreach ((string symbol, int start) in _starts)
        {
            bool hasSize = _ends[symbol] >= 0;
            writer.AddSymbol(symbol, section, (ulong)start, hasSize ? (ulong)(_ends[symbol] - start) : 0, hasSize ? ElfSymbolType.Function : ElfSymbolType.None);
        }

        _relocations.ForEach(r => writer.AddRelocation(section, r.Offset, r.Symbol, ElfRelocationType.Plt32, -4));
        return ElfFile.Parse(writer.Write(), name);
    }

    /// <summary>Walks the one context of some rules.</summary>
    public List<Violation> Walk(string rules, params ElfFile[] others)
    {
        var model = new CodeModel([ToFile(), .. others], new SymbolNames());
        return new Walker(model).Walk(RuleFile.Parse(rules.Split('\n'), "rules.txt").Contexts[0]);
    }

    /// <summary>Checks and gives the report with the exit status.</summary>
    public (int Status, string Report) Check(string rules)
    {
        var output = new StringWriter();
        int status = Program.Check([ToFile()], new SymbolNames(), RuleFile.Parse(rules.Split('\n'), "rules.txt"), output);
        return (status, output.ToString());
    }

    private SyntheticObject Add(string name, bool hasSize, Part[] parts)
    {
        while (hasSize && _code.Count % Alignment != 0)
        {
            _code.Add(Nop);
        }

        _starts.Add(name, _code.Count);
        foreach (Part part in parts)
        {
            _code.AddRange(part.Bytes);
            if (part.Symbol is null)
            {
                continue;
            }

            int field = _code.Count;
            _code.AddRange(new byte[4]);
            if (part.IsRelocated)
            {
                _relocations.Add(((ulong)field, part.Symbol));
            }
            else
            {
                _fixups.Add(() => BitConverter.GetBytes(_starts[part.Symbol] - (field + 4)).CopyTo(CollectionsMarshal.AsSpan(_code)[field..]));
            }
        }

        _ends.Add(name, hasSize ? _code.Count : -1);
        return this;
    }

    /// <summary>Machine code, with a reference behind it or not.</summary>
    internal sealed record Part(byte[] Bytes, string? Symbol = null, bool IsRelocated = false)
    {
        /// <summary><c>ret</c>.</summary>
        public static Part Ret => new([0xC3]);

        /// <summary><c>int3</c>.</summary>
        public static Part Int3 => new([0xCC]);

        /// <summary><c>call</c> of a symbol, through a relocation.</summary>
        public static Part Call(string symbol) => new([0xE8], symbol, true);

        /// <summary><c>call</c> of a function of the same section, which leaves no relocation.</summary>
        public static Part CallNear(string symbol) => new([0xE8], symbol);

        /// <summary><c>jmp</c> to a function of the same section.</summary>
        public static Part JumpNear(string symbol) => new([0xE9], symbol);

        /// <summary><c>lea rax, [rip + symbol]</c>, relocated.</summary>
        public static Part LoadAddress(string symbol) => new([0x48, 0x8D, 0x05], symbol, true);

        /// <summary><c>lea rax, [rip + symbol]</c> of the same section.</summary>
        public static Part LoadAddressNear(string symbol) => new([0x48, 0x8D, 0x05], symbol);

        /// <summary>Any bytes.</summary>
        public static Part Raw(params byte[] bytes) => new(bytes);
    }
}
