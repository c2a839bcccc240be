using System.Collections.Generic;
using System.Collections.Immutable;
using CosmosKernel.Analyzers.Flow;
using Microsoft.CodeAnalysis;

namespace CosmosKernel.Analyzers.Calls;

/// <summary>A place in a body: what is off there, and what is held.</summary>
internal readonly struct Site(Location place, bool interrupt, bool atomic, bool noAllocation, ImmutableArray<HeldLock> held)
{
    /// <summary>Where.</summary>
    public Location Place { get; } = place;

    /// <summary>Interrupts are off.</summary>
    public bool Interrupt { get; } = interrupt;

    /// <summary>Preemption is off.</summary>
    public bool Atomic { get; } = atomic;

    /// <summary>Nothing may be allocated.</summary>
    public bool NoAllocation { get; } = noAllocation;

    /// <summary>Locks that are held on all paths.</summary>
    public ImmutableArray<HeldLock> Held { get; } = held;
}

/// <summary>What one method does, as far as its own body shows.</summary>
internal sealed class MethodFacts(IMethodSymbol method, MethodContext context)
{
    /// <summary>The method.</summary>
    public IMethodSymbol Method { get; } = method;

    /// <summary>What it declares.</summary>
    public MethodContext Context { get; } = context;

    /// <summary>Whom it calls.</summary>
    public List<(IMethodSymbol Callee, Site Site)> Calls { get; } = [];

    /// <summary>Locks that it takes.</summary>
    public List<(ISymbol Lock, LockKind Kind, Site Site)> Takes { get; } = [];

    /// <summary>What it allocates.</summary>
    public List<(string What, Site Site)> Allocations { get; } = [];

    /// <summary>What in it sleeps, without any call into the kernel.</summary>
    public List<(string What, Site Site)> Sleeps { get; } = [];
}
