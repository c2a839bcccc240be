using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Loadable.Objects;

namespace CosmosKernel.Tools.Loadable.Link;

/// <summary>
/// Decides for each symbol of a module's object whether the module keeps its own or binds to the kernel's or another module's. What those define is bound to, so that each type exists once;
/// only shared generic code may not be: where the kernel has the code without a type that uses it, its generic dictionary is smaller, and the module keeps the whole family of that code.
/// </summary>
internal sealed class Binding
{
    private const string ObjectFields = "__GCSTATICS";

    private readonly CompiledObject _code;
    private readonly IReadOnlyList<SymbolList> _providers;
    private readonly HashSet<string> _kept = new(StringComparer.Ordinal);

    private Binding(CompiledObject code, IReadOnlyList<SymbolList> providers)
    {
        _code = code;
        _providers = providers;
    }

    /// <summary>Decides.</summary>
    /// <param name="code">The module's object.</param>
    /// <param name="providers">What the kernel and the modules that this one depends on export, the kernel first.</param>
    /// <exception cref="LoadableException">Kernel and module disagree on something that they must share.</exception>
    public static Binding Of(CompiledObject code, IReadOnlyList<SymbolList> providers)
    {
        var binding = new Binding(code, providers);
        binding.KeepWhatDiffers();
        return binding;
    }

    /// <summary>Whether a symbol that the object defines is to be taken from the kernel or another module.</summary>
    public bool IsImported(string name) => _code.IsShared(name) && !_kept.Contains(name) && TryFind(name, out _);

    /// <summary>
    /// Whether a name is that of static fields that do not exist because the kernel's compiler has run the class constructor and the class has other static fields only. A module's code, for which it
    /// could not do that, asks whether the constructor has run.
    /// </summary>
    public bool IsConstructedByCompiler(string name) =>
        name.StartsWith(CompiledObject.StaticFields, StringComparison.Ordinal) && !TryFind(name, out _) && TryFind(ObjectFields + name[CompiledObject.StaticFields.Length..], out _);

    /// <summary>Finds what is exported under a name.</summary>
    public bool TryFind(string name, out SymbolRecord record)
    {
        foreach (SymbolList provider in _providers)
        {
            if (provider.Symbols.TryGetValue(name, out record))
            {
                return true;
            }
        }

        record = default;
        return false;
    }

    private void KeepWhatDiffers()
    {
        var both = new Dictionary<string, SymbolRecord>(StringComparer.Ordinal);
        var waiting = new Queue<string>();
        foreach (string name in _code.Definitions.Keys.Where(_code.IsShared))
        {
            if (!TryFind(name, out SymbolRecord theirs))
            {
                continue;
            }

            SymbolRecord ours = _code.Describe(name);
            both.Add(name, ours);
            if (ours.Kind == SymbolKind.Code && ours != theirs)
            {
                waiting.Enqueue(name);
            }

            // A type that a compilation only compares with has a table without slots and object layout. Of a canonical form no object exists, and how much of it there is differs.
            bool isConcrete = !name.Contains("System___Canon", StringComparison.Ordinal);
            if (ours.Kind == SymbolKind.Type && isConcrete && ours.Size > theirs.Size)
            {
                waiting.Enqueue(name);
            }
            else if (ours.Kind == SymbolKind.Dictionary && isConcrete && ours.Size != theirs.Size)
            {
                throw new LoadableException($"{_code.File.Path}: {name} has {ours.Size} bytes, and {theirs.Size} in the kernel; the compilations do not fit together");
            }
        }

        if (waiting.Count == 0)
        {
            return;
        }

        // Who uses what is kept must be kept too: the kernel's copy of it uses the kernel's.
        ILookup<string, string> users = UsersOf(both.Keys);
        while (waiting.TryDequeue(out string? name))
        {
            if (!_kept.Add(name))
            {
                continue;
            }

            SymbolRecord record = both[name];
            bool isConcrete = !name.Contains("System___Canon", StringComparison.Ordinal);
            if (isConcrete && (record.Kind == SymbolKind.Dictionary || (record.Kind == SymbolKind.Type && TryFind(name, out SymbolRecord theirs) && record.Size <= theirs.Size)))
            {
                throw new LoadableException($"{_code.File.Path}: the kernel's {name} uses code that was compiled differently for this module; it cannot be shared");
            }

            foreach (string user in users[name])
            {
                waiting.Enqueue(user);
            }
        }
    }

    private ILookup<string, string> UsersOf(IEnumerable<string> names)
    {
        ElfFile file = _code.File;
        var pairs = new List<(string Used, string User)>();
        foreach (string user in names)
        {
            ElfSection section = file.Sections[file.Symbols[_code.Definitions[user]].SectionIndex];
            foreach (ElfRelocation relocation in _code.RelocationsOf(section))
            {
                pairs.Add((file.NameOf(file.Symbols[relocation.SymbolIndex]), user));
            }
        }

        return pairs.ToLookup(p => p.Used, p => p.User, StringComparer.Ordinal);
    }
}
