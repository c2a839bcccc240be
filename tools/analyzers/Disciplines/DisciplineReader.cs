using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace CosmosKernel.Analyzers.Disciplines;

/// <summary>Reads disciplines from the attributes of symbols. Any thread.</summary>
public sealed class DisciplineReader
{
    private readonly ConcurrentDictionary<ISymbol, Discipline> _known = new(SymbolEqualityComparer.Default);

    /// <summary>The discipline of a field or property: its own, else that of its type.</summary>
    public Discipline Of(ISymbol member) => _known.GetOrAdd(member.OriginalDefinition, static symbol =>
    {
        Discipline own = Declared(symbol);
        return own.Kind != DisciplineKind.None || symbol.ContainingType is not { } type ? own : OfType(type);
    });

    /// <summary>What a type declares for its fields. <c>Owned</c> and <c>TaskPrivate</c> hold for derived types, too, because they are about the object.</summary>
    public static Discipline OfType(INamedTypeSymbol type)
    {
        Discipline own = Declared(type);
        for (INamedTypeSymbol? current = type.BaseType; own.Kind == DisciplineKind.None && current is not null; current = current.BaseType)
        {
            if (Declared(current) is { Kind: DisciplineKind.Owned or DisciplineKind.TaskPrivate } inherited)
            {
                return inherited;
            }
        }

        return own;
    }

    /// <summary>What the attributes of this very symbol say.</summary>
    public static Discipline Declared(ISymbol symbol)
    {
        ImmutableArray<LockName>.Builder? locks = null;
        DisciplineKind kind = DisciplineKind.None;
        string? reason = null;
        bool lockFreeReads = false;
        int declarations = 0;
        foreach (AttributeData attribute in symbol.GetAttributes())
        {
            DisciplineKind said = KindOf(attribute.AttributeClass);
            if (said == DisciplineKind.None)
            {
                continue;
            }

            if (said != kind)
            {
                declarations++;
                kind = said;
            }

            if (said == DisciplineKind.Guarded)
            {
                locks ??= ImmutableArray.CreateBuilder<LockName>();
                locks.Add(new LockName(KernelSymbols.Type(attribute), KernelSymbols.Text(attribute) ?? ""));
                lockFreeReads |= KernelSymbols.Flag(attribute, "LockFreeReads");
            }
            else if (said == DisciplineKind.PerCpu)
            {
                lockFreeReads = KernelSymbols.Flag(attribute, "ReadAnywhere");
            }
            else if (said == DisciplineKind.Protocol)
            {
                reason = KernelSymbols.Text(attribute) ?? "";
            }
        }

        return declarations == 0 ? Discipline.None : new Discipline(kind, locks?.ToImmutable() ?? [], lockFreeReads, reason, declarations);
    }

    private static DisciplineKind KindOf(INamedTypeSymbol? attribute)
    {
        DisciplineKind kind = attribute?.Name switch
        {
            "GuardedByAttribute" => DisciplineKind.Guarded,
            "ImmutableAttribute" => DisciplineKind.Immutable,
            "PerCpuAttribute" => DisciplineKind.PerCpu,
            "AtomicAttribute" => DisciplineKind.Atomic,
            "TaskPrivateAttribute" => DisciplineKind.TaskPrivate,
            "OwnedAttribute" => DisciplineKind.Owned,
            "ProtocolAttribute" => DisciplineKind.Protocol,
            _ => DisciplineKind.None,
        };
        return kind != DisciplineKind.None && KernelSymbols.IsKernelAttribute(attribute, attribute!.Name.Substring(0, attribute.Name.Length - 9))
            ? kind
            : DisciplineKind.None;
    }
}
