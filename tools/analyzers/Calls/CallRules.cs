using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Analyzers.Flow;
using CosmosKernel.Analyzers.Locks;
using Microsoft.CodeAnalysis;

namespace CosmosKernel.Analyzers.Calls;

/// <summary>The rules that look through calls: sleeping, allocating, interrupt safety of locks, their order.</summary>
internal sealed class CallRules(AnalysisScope scope, CallGraph graph, Action<Diagnostic> report)
{
    /// <summary>Checks all methods of the compilation.</summary>
    public void Check()
    {
        bool exposesInternals = scope.Symbols.Compilation.Assembly.GetAttributes()
            .Any(attribute => attribute.AttributeClass?.Name == "InternalsVisibleToAttribute" && attribute.ConstructorArguments.FirstOrDefault().Value is string name && !name.EndsWith(".Tests", StringComparison.Ordinal));
        foreach (MethodFacts facts in scope.Facts.Values)
        {
            CheckSleep(facts);
            CheckDeclaration(facts, exposesInternals);
            CheckAllocation(facts);
            CheckLocks(facts);
        }
    }

    private void CheckSleep(MethodFacts facts)
    {
        foreach ((string what, Site site) in facts.Sleeps.Where(one => one.Site.Atomic))
        {
            Report(Rules.SleepsWhileAtomic, site.Place, what, Why(facts, site));
        }

        foreach ((IMethodSymbol callee, Site site) in facts.Calls.Where(one => one.Site.Atomic))
        {
            if (graph.Sleeps(callee) is { } chain)
            {
                Report(Rules.SleepsWhileAtomic, site.Place, chain, Why(facts, site));
            }
        }
    }

    private void CheckDeclaration(MethodFacts facts, bool exposesInternals)
    {
        IMethodSymbol method = facts.Method;
        if (facts.Context.MightSleep || facts.Context.Interrupt || facts.Context.Atomic
            || method.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == "KernelTestAttribute")
            || method.MethodKind is MethodKind.LambdaMethod or MethodKind.LocalFunction or MethodKind.StaticConstructor or MethodKind.Destructor)
        {
            return;
        }

        bool overrides = method.OverriddenMethod is { } overridden && !Framework.IsOfFramework(overridden);
        if (!overrides && !IsVisible(method, exposesInternals))
        {
            return;
        }

        if (graph.Sleeps(method) is { } chain)
        {
            Report(Rules.UndeclaredSleep, method.Locations[0], AnalysisScope.Name(method), chain);
        }
    }

    private void CheckAllocation(MethodFacts facts)
    {
        foreach ((string what, Site site) in facts.Allocations.Where(one => one.Site.NoAllocation))
        {
            Report(Rules.AllocatesWhereForbidden, site.Place, what, Why(facts, site));
        }

        foreach ((IMethodSymbol callee, Site site) in facts.Calls.Where(one => one.Site.NoAllocation))
        {
            if (graph.Allocates(callee) is { } chain)
            {
                Report(Rules.AllocatesWhereForbidden, site.Place, chain, Why(facts, site));
            }
        }
    }

    private void CheckLocks(MethodFacts facts)
    {
        foreach ((ISymbol taken, LockKind kind, Site site) in facts.Takes)
        {
            string id = CallGraph.Id(taken);
            CheckTaken(facts, new TakenLock(id, AnalysisScope.Name(taken), kind, AnalysisScope.Name(facts.Method)), site, AnalysisScope.Name(facts.Method));
        }

        foreach ((IMethodSymbol callee, Site site) in facts.Calls.Where(one => one.Site.Interrupt || !one.Site.Held.IsEmpty))
        {
            // What the callee releases is not held any more when it takes others.
            MethodContext context = scope.Contexts[callee];
            Site there = context.Releases.IsEmpty ? site
                : new Site(site.Place, site.Interrupt, site.Atomic, site.NoAllocation, [.. site.Held.Where(held => context.Releases.All(effect => effect.Path is null || !effect.Path.EndsWith(held.Symbol.Name, StringComparison.Ordinal)))]);
            foreach (TakenLock taken in graph.Takes(callee))
            {
                CheckTaken(facts, taken, there, taken.Chain);
            }
        }
    }

    private void CheckTaken(MethodFacts facts, TakenLock taken, Site site, string chain)
    {
        if (site.Interrupt && taken.Kind == LockKind.PreemptionOff)
        {
            Report(Rules.LeavesInterruptsOn, site.Place, chain, taken.Name);
        }

        LockClass? second = graph.ClassOf(taken.Id);
        foreach (HeldLock held in site.Held)
        {
            LockClass? first = graph.ClassOf(CallGraph.Id(held.Symbol));
            if (first is null || second is null || Broken(first, second) is not { } why)
            {
                continue;
            }

            Report(Rules.AgainstOrder, site.Place, chain, taken.Name, second.Name, AnalysisScope.Name(held.Symbol), first.Name, why);
        }
    }

    private static string? Broken(LockClass held, LockClass taken)
    {
        if (held.Name == taken.Name)
        {
            return held.Nests is null ? "two locks of one class are never held together" : null;
        }

        return held.Order == 0 || taken.Order == 0 || held.Name == "Test" || taken.Name == "Test" || held.Order < taken.Order ? null
            : $"{taken.Name} comes before {held.Name} in LockClass";
    }

    private static string Why(MethodFacts facts, Site site)
    {
        if (site.Held.FirstOrDefault(held => held.Kind != LockKind.Sleeping) is { } spin)
        {
            return $"'{AnalysisScope.Name(spin.Symbol)}' is held";
        }

        return facts.Context.Interrupt ? "interrupts are off ([InterruptContext])"
            : facts.Context.Atomic ? "preemption is off ([AtomicContext])"
            : facts.Context.NoAllocation && !site.Atomic ? "the method is [NoAllocation]"
            : "preemption or interrupts are off";
    }

    // Other assemblies can call it: it and all types around it are public, or internal where internals are shown.
    private static bool IsVisible(ISymbol symbol, bool exposesInternals)
    {
        for (ISymbol? current = symbol; current is not null and not INamespaceSymbol; current = current.ContainingSymbol)
        {
            bool visible = current.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal
                || (exposesInternals && current.DeclaredAccessibility is Accessibility.Internal or Accessibility.ProtectedAndInternal);
            if (!visible)
            {
                return false;
            }
        }

        return true;
    }

    private void Report(DiagnosticDescriptor rule, Location place, params object[] arguments) => report(Diagnostic.Create(rule, place, arguments));
}
