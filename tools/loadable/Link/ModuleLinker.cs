using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Elf.Dwarf;
using CosmosKernel.Tools.Elf.Names;
using CosmosKernel.Tools.Loadable.Objects;

namespace CosmosKernel.Tools.Loadable.Link;

/// <summary>Merges the sections of a module's object that are needed into the few of its file (docs/module-loading.md), and resolves what can be.</summary>
internal sealed class ModuleLinker
{
    /// <summary>The symbol that the loader calls.</summary>
    public const string Entry = "CosmosModuleEntry";

    /// <summary>What the name of an import begins with that stands for the <c>Type</c> object of a type; the symbol of the type's table follows.</summary>
    public const string TypeObjectOf = "CosmosTypeObject:";

    private readonly CompiledObject _code;
    private readonly Binding? _binding;
    private readonly SymbolNames _names;
    private readonly Lazy<LineTable> _lines;
    private readonly Frames _frames;
    private readonly Dictionary<int, (OutputSection Section, long Offset)> _places = [];
    private readonly OutputSection _text = new(".text", ElfSectionFlags.Allocate | ElfSectionFlags.Execute, false);
    private readonly OutputSection _managed;
    private readonly OutputSection _unboxing;
    private readonly OutputSection _constants = new(".rodata", ElfSectionFlags.Allocate, false);
    private readonly OutputSection _methods = new(".dotnet_eh_table", ElfSectionFlags.Allocate, false);
    private readonly OutputSection _frameSection = new(".eh_frame", ElfSectionFlags.Allocate, false);
    private readonly OutputSection _data = new(".data", ElfSectionFlags.Allocate | ElfSectionFlags.Write, false);
    private readonly OutputSection _header = new("__modules", ElfSectionFlags.Allocate | ElfSectionFlags.Write, false);
    private readonly OutputSection _zeros = new(".bss", ElfSectionFlags.Allocate | ElfSectionFlags.Write, true);
    private readonly List<OutputSection> _debug = [];
    private readonly MethodData _methodData;
    private readonly SortedSet<int> _needed = [];
    private readonly List<(uint Function, uint Frame)> _index = [];
    private readonly Dictionary<int, long> _methodDataPlaces = [];
    private readonly Dictionary<string, long> _typeObjects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _constructed = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _missing = new(StringComparer.Ordinal);

    private ModuleLinker(CompiledObject code, Binding? binding, SymbolNames names)
    {
        const ElfSectionFlags Code = ElfSectionFlags.Allocate | ElfSectionFlags.Execute;
        _managed = binding is null ? new OutputSection("__managedcode", Code, false) : _text;
        _unboxing = binding is null ? new OutputSection("__unbox", Code, false) : _text;
        _code = code;
        _binding = binding;
        _names = names;
        _lines = new Lazy<LineTable>(() => LineTable.Read(code.File));
        _frames = Frames.Of(code);
        _methodData = new MethodData(code);
    }

    /// <summary>The sections, in the order of the file.</summary>
    public IReadOnlyList<OutputSection> Sections =>
    [
        _text, .. _managed == _text ? (OutputSection[])[] : [_managed, _unboxing], _constants, _methods, _frameSection, _data, _header, _zeros, .. _debug,
    ];

    /// <summary>The parts of <c>.text</c>: names of symbols and their offsets.</summary>
    public List<(string Name, long Offset)> Bounds { get; } = [];

    /// <summary>Offset of the entry in <c>.text</c>.</summary>
    public long EntryOffset => _places[_code.File.Symbols[_code.Definitions[Entry]].SectionIndex].Offset + (long)_code.File.Symbols[_code.Definitions[Entry]].Value;

    /// <summary>Pairs of offsets, sorted: a function in <c>.text</c>, its description in <c>.eh_frame</c>.</summary>
    public IReadOnlyList<(uint Function, uint Frame)> UnwindIndex => _index;

    /// <summary>The module's source lines, by address in <c>.text</c>.</summary>
    public LineTable TextLines => _lines.Value.Move((section, address) =>
        _places.TryGetValue(section, out (OutputSection Section, long Offset) place) && place.Section == _text ? (0, (ulong)place.Offset + address) : null);

    /// <summary>Links.</summary>
    /// <param name="code">The module's object.</param>
    /// <param name="binding">What is taken from elsewhere.</param>
    /// <param name="roots">Names of symbols that are needed.</param>
    /// <param name="names">Readable names, for messages.</param>
    /// <exception cref="LoadableException">Something that the module needs exists nowhere: the message names it, and who needs it with file and line.</exception>
    public static ModuleLinker Link(CompiledObject code, Binding binding, IEnumerable<string> roots, SymbolNames names)
    {
        var linker = new ModuleLinker(code, binding, names);
        linker.Collect(roots);
        if (linker._missing.Count != 0)
        {
            throw new LoadableException(string.Join('\n', linker._missing.Values.Prepend($"{code.File.Path}: the kernel lacks {linker._missing.Count} symbol(s) that the module needs:")));
        }

        linker.Place();
        linker.Relocate();
        return linker;
    }

    /// <summary>
    /// Merges the whole of a kernel's object, so that the linker gets few sections instead of a hundred thousand, for which it takes minutes. Code keeps sections of its own,
    /// and debug information stays.
    /// </summary>
    public static ModuleLinker Merge(CompiledObject code, SymbolNames names)
    {
        var linker = new ModuleLinker(code, null, names);
        foreach (ElfSection section in code.File.Sections)
        {
            bool isLoaded = (section.Flags & ElfSectionFlags.Allocate) != 0 && section.Name is not (".eh_frame" or MethodData.SectionName);
            bool isDebug = section.Name.StartsWith(".debug_", StringComparison.Ordinal);
            if (isLoaded || isDebug)
            {
                linker._needed.Add(section.Index);
            }
        }

        linker.Place();
        linker.Relocate();
        return linker;
    }

    /// <summary>Whether a section of the object is in the file.</summary>
    public bool Has(int section) => _needed.Contains(section);

    /// <summary>The global symbols that are in the file and that others may bind to: name, section, offset, size.</summary>
    public IEnumerable<(string Name, OutputSection Section, long Offset, ulong Size, ElfSymbolType Type)> Definitions()
    {
        foreach ((string name, int index) in _code.Definitions.OrderBy(d => d.Key, StringComparer.Ordinal))
        {
            ElfSymbol symbol = _code.File.Symbols[index];
            if (_code.IsShared(name) && !IsImported(name) && _places.TryGetValue(symbol.SectionIndex, out (OutputSection Section, long Offset) place))
            {
                yield return (name, place.Section, place.Offset + (long)symbol.Value, symbol.Size, (place.Section.Flags & ElfSectionFlags.Execute) != 0 ? ElfSymbolType.Function : ElfSymbolType.Object);
            }
        }
    }

    /// <summary>All functions in the file: name, offset in <c>.text</c>, size.</summary>
    public IEnumerable<(string Name, long Offset, ulong Size)> CodeSymbols()
    {
        foreach ((string name, int index) in _code.Definitions)
        {
            ElfSymbol symbol = _code.File.Symbols[index];
            if (_places.TryGetValue(symbol.SectionIndex, out (OutputSection Section, long Offset) place) && place.Section == _text)
            {
                yield return (name, place.Offset + (long)symbol.Value, symbol.Size != 0 ? symbol.Size : _code.File.Sections[symbol.SectionIndex].Size - symbol.Value);
            }
        }
    }

    private void Collect(IEnumerable<string> roots)
    {
        var waiting = new Queue<int>();
        foreach (ElfSection section in _code.File.Sections.Where(s => s.Name.StartsWith("__modules", StringComparison.Ordinal) && s.Type == ElfSectionType.ProgramBits))
        {
            waiting.Enqueue(section.Index);
        }

        foreach (string root in roots)
        {
            if (!_code.Definitions.TryGetValue(root, out int index))
            {
                throw new LoadableException($"{_code.File.Path}: has no symbol {root}");
            }

            waiting.Enqueue(_code.File.Symbols[index].SectionIndex);
        }

        while (waiting.TryDequeue(out int index))
        {
            if (!_needed.Add(index))
            {
                continue;
            }

            ElfSection section = _code.File.Sections[index];
            IEnumerable<ElfRelocation> references = _code.RelocationsOf(section);
            foreach (ElfRelocation relocation in references.Concat(_frames.FunctionsIn(index).SelectMany(f => _methodData.ReferencesOf(f))))
            {
                Reach(section, relocation, waiting);
            }
        }
    }

    private void Reach(ElfSection from, in ElfRelocation relocation, Queue<int> waiting)
    {
        ElfSymbol symbol = _code.File.Symbols[relocation.SymbolIndex];
        string name = _code.File.NameOf(symbol);
        if (!symbol.IsUndefined && symbol.SectionIndex > 0 && !IsImported(name))
        {
            waiting.Enqueue(symbol.SectionIndex);
        }
        else if (!_binding!.TryFind(name, out _) && !_binding.IsConstructedByCompiler(name) && !_missing.ContainsKey(name))
        {
            string user = _code.Definitions.FirstOrDefault(d => _code.File.Symbols[d.Value].SectionIndex == from.Index).Key ?? from.Name;
            string where = _lines.Value.TryFind(from.Index, relocation.Offset, out string file, out int line) ? $"{file}({line}): " : "";
            _missing.Add(name, $"  {where}{_names.Readable(user)} needs {Say(name)}");
        }
    }

    private string Say(string symbol)
    {
        string type = _names.ReadableTypeOf(symbol);
        string readable = type.Length != 0 ? type : _names.Readable(symbol).ToString();
        return readable == symbol ? symbol : $"{readable} ({symbol})";
    }

    private void Place()
    {
        long PlaceAll(Func<ElfSection, bool> which, OutputSection output, int alignment)
        {
            long start = output.Align(alignment);
            foreach (ElfSection section in _needed.Select(i => _code.File.Sections[i]).Where(which))
            {
                long offset = output.Align((int)Math.Max(1, section.Alignment));
                _places.Add(section.Index, (output, offset));
                if (section.Type == ElfSectionType.NoBits)
                {
                    output.AppendZeros((long)section.Size);
                }
                else
                {
                    output.Append(_code.File.Data(section));
                }
            }

            return start;
        }

        static bool Is(ElfSection section, string name) => section.Name == name || section.Name.StartsWith(name + ".", StringComparison.Ordinal);
        PlaceAll(s => Is(s, ".text"), _text, 16);
        Bounds.Add(("__start___managedcode", PlaceAll(s => Is(s, "__managedcode"), _managed, 32)));
        Bounds.Add(("__stop___managedcode", _managed.Size));
        Bounds.Add(("__start___unbox", PlaceAll(s => Is(s, "__unbox"), _unboxing, 16)));
        Bounds.Add(("__stop___unbox", _unboxing.Size));
        PlaceAll(s => Is(s, ".rodata"), _constants, 8);
        PlaceAll(s => Is(s, ".data"), _data, 8);
        PlaceAll(s => Is(s, "__modules"), _header, 8);
        PlaceAll(s => Is(s, ".bss"), _zeros, 8);
        foreach (ElfSection section in _needed.Select(i => _code.File.Sections[i]).Where(s => (s.Flags & ElfSectionFlags.Allocate) == 0))
        {
            _debug.Add(new OutputSection(section.Name, ElfSectionFlags.None, false));
            PlaceAll(s => s == section, _debug[^1], 1);
        }

        if (_needed.FirstOrDefault(i => !_places.ContainsKey(i)) is int other && other != 0)
        {
            throw new LoadableException($"{_code.File.Path}: section '{_code.File.Sections[other].Name}' is of a kind that modules do not have");
        }
    }

    private void Relocate()
    {
        foreach (int index in _needed)
        {
            (OutputSection section, long offset) = _places[index];
            foreach (ElfRelocation relocation in _code.RelocationsOf(_code.File.Sections[index]))
            {
                Apply(section, offset + (long)relocation.Offset, relocation);
            }
        }

        var common = new Dictionary<int, long>();
        foreach (int index in _needed)
        {
            foreach (FrameRecord frame in _frames.FunctionsIn(index))
            {
                if (!common.TryGetValue(frame.Common, out long shared))
                {
                    shared = Append(_frames.CommonAt(frame.Common));
                    common.Add(frame.Common, shared);
                }

                long start = Append(frame);
                BinaryPrimitives.WriteInt32LittleEndian(_frameSection.Bytes[(int)(start + 4)..], (int)(start + 4 - shared));
                ElfRelocation function = frame.Relocations[0];
                ElfSymbol symbol = _code.File.Symbols[function.SymbolIndex];
                _index.Add(((uint)(_places[index].Offset + (long)symbol.Value + function.Addend), (uint)start));
            }
        }

        _index.Sort();
    }

    private long Append(FrameRecord record)
    {
        long start = _frameSection.Align(4);
        _frameSection.Append(_code.File.Data(_frames.Section!).Slice(record.Offset, record.Length));
        foreach (ElfRelocation relocation in record.Relocations)
        {
            long at = start + (long)relocation.Offset - record.Offset;
            if (_methodData.TryGetOffset(relocation, out int offset))
            {
                _frameSection.Relocations.Add(new OutputRelocation((ulong)at, relocation.Type, _methods, null, AppendMethodData(offset)));
            }
            else
            {
                Apply(_frameSection, at, relocation);
            }
        }

        return start;
    }

    // A funclet's data says how far its method's is away.
    private long AppendMethodData(int offset)
    {
        if (_methodDataPlaces.TryGetValue(offset, out long start))
        {
            return start;
        }

        start = _methods.Size;
        _methodDataPlaces.Add(offset, start);
        _methods.Append(_methodData.BytesAt(offset));
        foreach (ElfRelocation relocation in _methodData.ReferencesAt(offset))
        {
            Apply(_methods, start + (long)relocation.Offset - offset, relocation);
        }

        if (_methodData.TryGetMain(offset, out int main))
        {
            long target = AppendMethodData(main);
            BinaryPrimitives.WriteInt32LittleEndian(_methods.Bytes[(int)(start + 1)..], checked((int)(target - (start + 1))));
        }

        return start;
    }

    // A state of zero says that the constructor has run. The symbol stands for what is behind it.
    private long ConstructedState(string name)
    {
        const int StateBytes = 8;
        if (!_constructed.TryGetValue(name, out long fields))
        {
            fields = _zeros.Align(StateBytes) + StateBytes;
            _zeros.AppendZeros(2 * StateBytes);
            _constructed.Add(name, fields);
        }

        return fields;
    }

    private bool IsImported(string name) => _binding is not null && _binding.IsImported(name);

    private void Apply(OutputSection section, long at, in ElfRelocation relocation)
    {
        ElfSymbol symbol = _code.File.Symbols[relocation.SymbolIndex];
        bool isRelative = relocation.Type is ElfRelocationType.Relative32 or ElfRelocationType.Plt32;
        string name = _code.File.NameOf(symbol);
        bool isDebug = (section.Flags & ElfSectionFlags.Allocate) == 0;
        if (!isRelative && relocation.Type != ElfRelocationType.Absolute64 && !isDebug)
        {
            throw new LoadableException($"{_code.File.Path}: a relocation of type {relocation.Type} to {name}, which modules do not have");
        }

        if (symbol.IsUndefined && _binding is not null && _binding.IsConstructedByCompiler(name))
        {
            section.Relocations.Add(new OutputRelocation((ulong)at, relocation.Type, _zeros, null, ConstructedState(name) + relocation.Addend));
            return;
        }

        if (symbol.IsUndefined || IsImported(name))
        {
            bool hasNoState = name.StartsWith(CompiledObject.StaticFields, StringComparison.Ordinal) && _binding is not null && _binding.TryFind(name, out SymbolRecord fields) && fields.Content == 0;
            bool isFieldGone = false;
            if (hasNoState && (section.Flags & ElfSectionFlags.Execute) != 0 && ConstructorCheck.Remove(section.Bytes, (int)at, relocation.Addend, out isFieldGone))
            {
                throw new LoadableException($"{_code.File.Path}: the code at .text+0x{at:x} asks in an unknown way for the state of the class constructor of {Say(name)}, which the kernel does not have");
            }

            if (isFieldGone)
            {
                return;
            }

            section.Relocations.Add(new OutputRelocation((ulong)at, relocation.Type, null, name, relocation.Addend));
            return;
        }

        if (_binding is not null && _code.IsTypeObject(name) && _code.TypeOf(name) is string type && (!_code.Definitions.ContainsKey(type) || IsImported(type)))
        {
            ApplyTypeObject(section, at, relocation, type);
            return;
        }

        (OutputSection target, long offset) = _places[symbol.SectionIndex];
        long addend = offset + (long)symbol.Value + relocation.Addend;
        if (isRelative && target == section)
        {
            BinaryPrimitives.WriteInt32LittleEndian(section.Bytes[(int)at..], checked((int)(addend - at)));
            return;
        }

        section.Relocations.Add(new OutputRelocation((ulong)at, relocation.Type, target, null, addend));
    }

    // Of a type that exists elsewhere there is one Type object, which the loader finds or makes, far away: code takes its address (lea) from a word instead (mov).
    private void ApplyTypeObject(OutputSection section, long at, in ElfRelocation relocation, string type)
    {
        const byte LoadAddress = 0x8D;
        const byte Load = 0x8B;
        const int FieldBytes = 4;
        string symbol = TypeObjectOf + type;
        if (relocation.Type == ElfRelocationType.Absolute64 && relocation.Addend == 0)
        {
            section.Relocations.Add(new OutputRelocation((ulong)at, relocation.Type, null, symbol, 0));
            return;
        }

        Span<byte> code = section.Bytes;
        bool isLoadAddress = at >= 3 && (section.Flags & ElfSectionFlags.Execute) != 0 && relocation.Addend == -FieldBytes
            && (code[(int)at - 3] & 0xFB) == 0x48 && code[(int)at - 2] == LoadAddress && (code[(int)at - 1] & 0xC7) == 5;
        if (!isLoadAddress)
        {
            throw new LoadableException($"{_code.File.Path}: {section.Name}+0x{at:x} uses the Type object of {Say(type)} in an unknown way");
        }

        code[(int)at - 2] = Load;
        if (!_typeObjects.TryGetValue(type, out long word))
        {
            word = _data.Align(sizeof(ulong));
            _data.Append(new byte[sizeof(ulong)]);
            _data.Relocations.Add(new OutputRelocation((ulong)word, ElfRelocationType.Absolute64, null, symbol, 0));
            _typeObjects.Add(type, word);
        }

        section.Relocations.Add(new OutputRelocation((ulong)at, relocation.Type, _data, null, word + relocation.Addend));
    }
}
