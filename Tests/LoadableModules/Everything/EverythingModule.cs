using System;
using System.Collections.Generic;
using CosmosKernel.Modules;

namespace LoadableEverything;

/// <summary>Uses as much of C# and its library as possible, each part under its name: what does not work in a loaded module is seen by name.</summary>
[Module("everything", Description = "all of C# in a loaded module", License = "MIT", Author = "CosmosKernel")]
public sealed class EverythingModule : KernelModule
{
    /// <summary>One part, or all.</summary>
    [ModuleParameter("name of the one part to run; all without it")]
    public string Only { get; set; } = "";

    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
        context.Own(new Released(context));
        int failed = 0;
        int passed = 0;
        foreach ((string name, Action body) in Parts())
        {
            if (Only.Length != 0 && Only != name)
            {
                continue;
            }

            try
            {
                body();
                passed++;
            }
            catch (Exception failure)
            {
                failed++;
                context.Log.Error($"{name}: {failure}");
            }
        }

        context.Log.Info($"{passed} passed, {failed} failed");
    }

    private static IEnumerable<(string Name, Action Body)> Parts() =>
    [
        ("collections", LanguageParts.Collections),
        ("linq", LanguageParts.Linq),
        ("interfaces", LanguageParts.Interfaces),
        ("generic-virtual-methods", LanguageParts.GenericVirtualMethods),
        ("static-constructors", LanguageParts.StaticConstructors),
        ("thread-statics", LanguageParts.ThreadStatics),
        ("delegates", LanguageParts.Delegates),
        ("filters", LanguageParts.Filters),
        ("faults", LanguageParts.Faults),
        ("iterators", LanguageParts.Iterators),
        ("called-as-sequences", InterfaceParts.Sequences),
        ("called-to-compare", InterfaceParts.Comparisons),
        ("called-to-format", InterfaceParts.Formats),
        ("called-back", InterfaceParts.Callbacks),
        ("one-type-object", InterfaceParts.TypeObjects),
        ("own-structures", InterfaceParts.OwnStructures),
        ("formatting", LibraryParts.Formatting),
        ("regex", LibraryParts.Regexes),
        ("async", LibraryParts.Async),
        ("locks", LibraryParts.Locks),
        ("spans", LibraryParts.Spans),
        ("reflection", LibraryParts.Reflection),
        ("finalizers", LibraryParts.Finalizers),
        ("stack-traces", LibraryParts.StackTraces),
    ];

    // The kernel disposes of it when the module is stopped.
    private sealed class Released(ModuleContext context) : IDisposable
    {
        public void Dispose() => context.Log.Info("the kernel has disposed of it");
    }
}
