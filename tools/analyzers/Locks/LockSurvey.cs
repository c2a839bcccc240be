using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using CosmosKernel.Analyzers.Calls;
using CosmosKernel.Analyzers.Disciplines;
using Microsoft.CodeAnalysis;

namespace CosmosKernel.Analyzers.Locks;

/// <summary>A field or property that is a lock, or that code locks.</summary>
/// <param name="id">Its documentation name.</param>
/// <param name="name">Its readable name.</param>
/// <param name="type">The lock's type.</param>
public sealed class LockField(string id, string name, string type)
{
    /// <summary>Its documentation name.</summary>
    public string Id { get; } = id;

    /// <summary>Its readable name.</summary>
    public string Name { get; } = name;

    /// <summary>The lock's type.</summary>
    public string Type { get; } = type;

    /// <summary>Readable names of what it guards, in order.</summary>
    public SortedSet<string> Guards { get; } = new(System.StringComparer.Ordinal);
}

/// <summary>What the declarations of one or more compilations say: which locks there are, what they guard, how much state has which discipline.</summary>
public sealed class LockSurvey
{
    /// <summary>By documentation name.</summary>
    public Dictionary<string, LockField> Locks { get; } = new(System.StringComparer.Ordinal);

    /// <summary>How many fields and properties have each discipline, by assembly.</summary>
    public SortedDictionary<string, SortedDictionary<DisciplineKind, int>> Counts { get; } = new(System.StringComparer.Ordinal);

    /// <summary>Readable names with the reasons of protocols.</summary>
    public SortedDictionary<string, string> Protocols { get; } = new(System.StringComparer.Ordinal);

    /// <summary>Adds what one compilation declares in its own sources.</summary>
    public void Add(Compilation compilation)
    {
        var disciplines = new DisciplineReader();
        var counts = new SortedDictionary<DisciplineKind, int>();
        foreach (INamedTypeSymbol type in TypesOf(compilation.Assembly.GlobalNamespace))
        {
            foreach (ISymbol member in type.GetMembers().Where(member => !member.IsImplicitlyDeclared))
            {
                Add(member, disciplines, counts);
            }

            if (DisciplineReader.Declared(type) is { Kind: DisciplineKind.Protocol } protocol)
            {
                Protocols[type.ToDisplayString()] = protocol.Reason!;
            }
        }

        if (counts.Count > 0)
        {
            Counts[compilation.AssemblyName!] = counts;
        }
    }

    private void Add(ISymbol member, DisciplineReader disciplines, SortedDictionary<DisciplineKind, int> counts)
    {
        if (member is not (IFieldSymbol or IPropertySymbol or IEventSymbol))
        {
            return;
        }

        if (LockMembers.TypeOf(member) is { } type && SharedState.IsLock(type) && member is IFieldSymbol or IPropertySymbol && !LockTypes.IsImplementation(member)
            && (member is not IPropertySymbol property || SharedState.IsAuto(property)))
        {
            _ = LockOf(member);
        }

        Discipline own = DisciplineReader.Declared(member);
        if (own.Kind == DisciplineKind.None && !SharedState.NeedsDiscipline(member))
        {
            return;
        }

        Discipline discipline = disciplines.Of(member);
        if (discipline.Kind == DisciplineKind.None)
        {
            return;
        }

        counts[discipline.Kind] = (counts.TryGetValue(discipline.Kind, out int count) ? count : 0) + 1;
        if (own.Kind == DisciplineKind.Protocol)
        {
            Protocols[member.ContainingType.ToDisplayString() + "." + member.Name] = own.Reason!;
        }

        foreach (LockName name in discipline.Locks)
        {
            ImmutableArray<ISymbol> path = LockMembers.Resolve(name.Owner ?? member.ContainingType, name.Path);
            if (!path.IsEmpty)
            {
                LockOf(path[path.Length - 1]).Guards.Add(member.ContainingType.Name + "." + member.Name);
            }
        }
    }

    private LockField LockOf(ISymbol member)
    {
        string id = CallGraph.Id(member);
        if (!Locks.TryGetValue(id, out LockField? known))
        {
            known = new LockField(id, member.ContainingType.Name + "." + member.Name, LockMembers.TypeOf(member)!.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat).TrimEnd('?'));
            Locks.Add(id, known);
        }

        return known;
    }

    private static IEnumerable<INamedTypeSymbol> TypesOf(INamespaceOrTypeSymbol container)
    {
        foreach (ISymbol member in container.GetMembers())
        {
            if (member is INamedTypeSymbol type)
            {
                yield return type;
            }

            if (member is INamespaceOrTypeSymbol inner)
            {
                foreach (INamedTypeSymbol nested in TypesOf(inner))
                {
                    yield return nested;
                }
            }
        }
    }
}
