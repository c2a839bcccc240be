using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace CosmosKernel.Analyzers.Disciplines;

/// <summary>A lock that a declaration names.</summary>
/// <param name="owner">The type in which the path begins; null: the type of the member that has the declaration.</param>
/// <param name="path">Member names from there to the lock, parted by dots.</param>
public readonly struct LockName(INamedTypeSymbol? owner, string path)
{
    /// <summary>The type in which the path begins; null: the type of the member that has the declaration.</summary>
    public INamedTypeSymbol? Owner { get; } = owner;

    /// <summary>Member names from there to the lock, parted by dots.</summary>
    public string Path { get; } = path;
}

/// <summary>What a field or an auto-property declares, itself or through its type.</summary>
public sealed class Discipline
{
    /// <summary>Nothing is declared.</summary>
    public static readonly Discipline None = new(DisciplineKind.None, [], false, null, 0);

    internal Discipline(DisciplineKind kind, ImmutableArray<LockName> locks, bool lockFreeReads, string? reason, int declarations)
    {
        Kind = kind;
        Locks = locks;
        LockFreeReads = lockFreeReads;
        Reason = reason;
        Declarations = declarations;
    }

    /// <summary>The discipline.</summary>
    public DisciplineKind Kind { get; }

    /// <summary>Guarded: the locks; all to write, one to read.</summary>
    public ImmutableArray<LockName> Locks { get; }

    /// <summary>Guarded: only writers need the locks. Per-CPU: only writers must be on the CPU.</summary>
    public bool LockFreeReads { get; }

    /// <summary>Protocol: why.</summary>
    public string? Reason { get; }

    /// <summary>How many different disciplines the symbol declares; more than one is an error.</summary>
    public int Declarations { get; }
}
