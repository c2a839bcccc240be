using System;
using System.Collections.Immutable;
using System.Linq;
using CosmosKernel.Analyzers.Locks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace CosmosKernel.Analyzers.Disciplines;

/// <summary>What can be said from declarations alone: CKL001 and CKL002.</summary>
internal static class DeclarationRules
{
    private const int ShortestReason = 12;

    /// <summary>Checks one field, property or event.</summary>
    public static void CheckMember(SymbolAnalysisContext context, DisciplineReader disciplines)
    {
        ISymbol member = context.Symbol;
        if (member.ContainingType is null || member.ContainingType.TypeKind is TypeKind.Interface or TypeKind.Enum)
        {
            return;
        }

        Discipline own = DisciplineReader.Declared(member);
        if (own.Kind != DisciplineKind.None)
        {
            CheckDiscipline(own, member, member.ContainingType, context);
        }

        if (SharedState.NeedsDiscipline(member))
        {
            Discipline discipline = disciplines.Of(member);
            if (discipline.Kind == DisciplineKind.None || (member.IsStatic && own.Kind == DisciplineKind.None && discipline.Kind is DisciplineKind.Owned or DisciplineKind.TaskPrivate))
            {
                Report(context, Rules.NoDiscipline, member, Name(member));
            }
            else
            {
                CheckFitness(discipline, member, context);
            }
        }
    }

    /// <summary>Checks what a type declares for its fields.</summary>
    public static void CheckType(SymbolAnalysisContext context)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        Discipline own = DisciplineReader.Declared(type);
        if (own.Kind != DisciplineKind.None)
        {
            CheckDiscipline(own, type, type, context);
        }
    }

    /// <summary>Checks the locks that a method's attributes name.</summary>
    public static void CheckMethod(SymbolAnalysisContext context)
    {
        var method = (IMethodSymbol)context.Symbol;
        foreach (AttributeData attribute in method.GetAttributes())
        {
            if (!KernelSymbols.IsKernelAttribute(attribute.AttributeClass, "RequiresLock")
                && !KernelSymbols.IsKernelAttribute(attribute.AttributeClass, "Acquires")
                && !KernelSymbols.IsKernelAttribute(attribute.AttributeClass, "Releases"))
            {
                continue;
            }

            string? name = KernelSymbols.Text(attribute);
            INamedTypeSymbol? owner = KernelSymbols.Type(attribute);
            if (name is null)
            {
                if (!KernelSymbols.Has(owner ?? method.ContainingType, "LockType"))
                {
                    Report(context, Rules.BadDeclaration, method, method.Name, "only methods of a lock type leave the lock's name out");
                }

                continue;
            }

            bool found = LockMembers.IsOfResult(method, name, out ImmutableArray<ISymbol> ofResult) ? !ofResult.IsEmpty
                : owner is null
                ? LockMembers.TryResolve(method, name, out IParameterSymbol? parameter, out ImmutableArray<ISymbol> members)
                    && LockMembers.IsLockable(members.IsEmpty ? parameter! : members[members.Length - 1])
                : LockMembers.Resolve(owner, name) is { IsEmpty: false } path && LockMembers.IsLockable(path[path.Length - 1]);
            if (!found && !IsElsewhere(owner, context))
            {
                Report(context, Rules.BadDeclaration, method, method.Name, $"there is no lock '{name}' that it could name");
            }
        }
    }

    private static void CheckDiscipline(Discipline own, ISymbol symbol, INamedTypeSymbol type, SymbolAnalysisContext context)
    {
        if (own.Declarations > 1)
        {
            Report(context, Rules.BadDeclaration, symbol, symbol.Name, "declares more than one discipline");
        }

        foreach (LockName name in own.Locks)
        {
            ImmutableArray<ISymbol> path = LockMembers.Resolve(name.Owner ?? type, name.Path);
            if (path.IsEmpty && IsElsewhere(name.Owner, context))
            {
                continue;
            }

            if (path.IsEmpty || !LockMembers.IsLockable(path[path.Length - 1]))
            {
                Report(context, Rules.BadDeclaration, symbol, symbol.Name, $"there is no lock '{name.Path}' in '{(name.Owner ?? type).Name}'");
            }
        }

        if (own.Kind == DisciplineKind.Protocol && own.Reason!.Trim().Length < ShortestReason)
        {
            Report(context, Rules.BadDeclaration, symbol, symbol.Name, "the reason of [Protocol] must say who writes and who reads, when, and what orders them");
        }
    }

    // The compiler sees no internal members of other assemblies; tools/locks, which sees all sources, checks the name.
    private static bool IsElsewhere(INamedTypeSymbol? owner, SymbolAnalysisContext context) =>
        owner is not null && !SymbolEqualityComparer.Default.Equals(owner.ContainingAssembly, context.Compilation.Assembly) && owner.Locations.All(place => !place.IsInSource);

    private static void CheckFitness(Discipline discipline, ISymbol member, SymbolAnalysisContext context)
    {
        if (LockMembers.TypeOf(member) is not { } type)
        {
            return;
        }

        bool owned = type is INamedTypeSymbol { TypeKind: TypeKind.Class } named
            && DisciplineReader.OfType(named.OriginalDefinition).Kind is DisciplineKind.Owned or DisciplineKind.TaskPrivate;
        if (discipline.Kind == DisciplineKind.Immutable && owned)
        {
            Report(context, Rules.BadDeclaration, member, Name(member), $"a '{type.Name}' changes and has no lock of its own, so what holds it cannot be immutable");
        }
        else if (discipline.Kind == DisciplineKind.Atomic && !SharedState.IsArray(type) && !SharedState.IsAtomicSize(type))
        {
            Report(context, Rules.BadDeclaration, member, Name(member), $"the processor does not load a '{type.Name}' whole, so it cannot be atomic");
        }
        else if (discipline is { LockFreeReads: true } && (owned || !(SharedState.IsArray(type) || SharedState.IsAtomicSize(type))))
        {
            Report(context, Rules.BadDeclaration, member, Name(member), $"the processor does not load a '{type.Name}' whole, so it cannot be read while another CPU writes it");
        }
    }

    private static string Name(ISymbol member) => member.ContainingType.Name + "." + member.Name;

    private static void Report(SymbolAnalysisContext context, DiagnosticDescriptor rule, ISymbol symbol, params object[] arguments)
    {
        Location location = symbol.Locations.FirstOrDefault(place => place.IsInSource) ?? Location.None;
        context.ReportDiagnostic(Diagnostic.Create(rule, location, arguments));
    }
}
