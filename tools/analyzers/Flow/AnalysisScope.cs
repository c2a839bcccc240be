using System;
using System.Collections.Concurrent;
using CosmosKernel.Analyzers.Calls;
using CosmosKernel.Analyzers.Disciplines;
using Microsoft.CodeAnalysis;

namespace CosmosKernel.Analyzers.Flow;

/// <summary>What the analysis of all bodies of a compilation shares. Any thread.</summary>
internal sealed class AnalysisScope(KernelSymbols symbols)
{
    /// <summary>The compilation's symbols.</summary>
    public KernelSymbols Symbols { get; } = symbols;

    /// <summary>Disciplines of fields and properties.</summary>
    public DisciplineReader Disciplines { get; } = new();

    /// <summary>What methods declare.</summary>
    public MethodContexts Contexts { get; } = new();

    /// <summary>Short names for symbols in paths.</summary>
    public SymbolNumbers Numbers { get; } = new();

    /// <summary>What each method does.</summary>
    public ConcurrentDictionary<IMethodSymbol, MethodFacts> Facts { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>The class that each lock's field is made with.</summary>
    public ConcurrentDictionary<ISymbol, Locks.LockClass> LockClasses { get; } = new(SymbolEqualityComparer.Default);

    /// <summary>The member must be touched as its discipline says.</summary>
    public bool IsDisciplined(ISymbol member, out Discipline discipline)
    {
        discipline = Disciplines.Of(member);
        return discipline.Kind is not (DisciplineKind.None or DisciplineKind.Owned or DisciplineKind.Protocol)
            && (DisciplineReader.Declared(member.OriginalDefinition).Kind != DisciplineKind.None || SharedState.NeedsDiscipline(member.OriginalDefinition));
    }

    /// <summary>A readable name for a member.</summary>
    public static string Name(ISymbol member) => member.ContainingType is { } type && member is not ILocalSymbol and not IParameterSymbol ? type.Name + "." + member.Name : member.Name;

    /// <summary>A readable name for a method.</summary>
    public static string Name(IMethodSymbol method) => method.MethodKind switch
    {
        MethodKind.PropertyGet or MethodKind.PropertySet when method.AssociatedSymbol is { } property => Name(property),
        MethodKind.Constructor => "new " + method.ContainingType.Name,
        MethodKind.LambdaMethod => "a lambda",
        MethodKind.LocalFunction => method.Name,
        _ => Name((ISymbol)method),
    };
}
