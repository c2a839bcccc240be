using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Analyzers.Flow;
using Microsoft.CodeAnalysis;

namespace CosmosKernel.Analyzers.Calls;

/// <summary>What each method of a compilation does, all that it calls included: found from the facts of the bodies by a fixpoint over the calls.</summary>
internal sealed class CallGraph
{
    private const int LongestChain = 6;

    private readonly AnalysisScope _scope;
    private readonly ProgramSummary? _program;
    private readonly Dictionary<IMethodSymbol, Node> _nodes = new(SymbolEqualityComparer.Default);

    /// <summary>Finds it.</summary>
    /// <param name="scope">Of the compilation, with the facts of all bodies.</param>
    /// <param name="program">What is known of other assemblies; this one's is added. Null in the compiler.</param>
    public CallGraph(AnalysisScope scope, ProgramSummary? program)
    {
        _scope = scope;
        _program = program;
        foreach (MethodFacts facts in scope.Facts.Values)
        {
            _nodes.Add(facts.Method, new Node(facts));
        }

        if (program is not null)
        {
            foreach (KeyValuePair<ISymbol, Locks.LockClass> known in scope.LockClasses)
            {
                program.LockClasses[Id(known.Key)] = known.Value;
            }
        }

        Solve();
        Publish();
    }

    /// <summary>How a called method may sleep, or null.</summary>
    public string? Sleeps(IMethodSymbol method)
    {
        MethodContext context = _scope.Contexts[method];
        if (context.MightSleep || IsSleepingDelegate(method))
        {
            return AnalysisScope.Name(method);
        }

        // It says that it runs where nothing sleeps, and is checked itself.
        return context.Interrupt || context.Atomic ? null
            : _nodes.TryGetValue(method, out Node? node) ? node.Sleeps
            : Known(method)?.Sleeps;
    }

    /// <summary>How a called method allocates, or null.</summary>
    public string? Allocates(IMethodSymbol method)
    {
        MethodContext context = _scope.Contexts[method];
        return context.NoAllocation || context.Interrupt || context.Atomic ? null
            : _nodes.TryGetValue(method, out Node? node) ? node.Allocates
            : Known(method)?.Allocates;
    }

    /// <summary>The locks that a called method takes.</summary>
    public IEnumerable<TakenLock> Takes(IMethodSymbol method) =>
        _nodes.TryGetValue(method, out Node? node) ? node.Takes.Values
        : Known(method) is { } known ? known.Takes.Values
        : [];

    /// <summary>The class of a lock, or null where it is not known.</summary>
    public Locks.LockClass? ClassOf(string id) => _program is not null && _program.LockClasses.TryGetValue(id, out Locks.LockClass? known) ? known
        : _scope.LockClasses.FirstOrDefault(one => Id(one.Key) == id).Value;

    /// <summary>The name of a symbol that is the same in every compilation.</summary>
    /// <param name="symbol">Any symbol.</param>
    public static string Id(ISymbol symbol) => symbol.OriginalDefinition.GetDocumentationCommentId() ?? symbol.ToDisplayString();

    private void Solve()
    {
        bool changed = true;
        foreach (Node node in _nodes.Values)
        {
            MethodFacts facts = node.Facts;
            node.Sleeps = facts.Sleeps.Count > 0 ? Chain(facts.Method, facts.Sleeps[0].What) : null;
            node.Allocates = facts.Allocations.Count > 0 ? Chain(facts.Method, facts.Allocations[0].What) : null;
            foreach ((ISymbol taken, LockKind kind, Site _) in facts.Takes)
            {
                string id = Id(taken);
                node.Takes[id] = new TakenLock(id, AnalysisScope.Name(taken), kind, AnalysisScope.Name(facts.Method));
            }
        }

        while (changed)
        {
            changed = false;
            foreach (Node node in _nodes.Values)
            {
                foreach ((IMethodSymbol callee, Site _) in node.Facts.Calls)
                {
                    if (node.Sleeps is null && Sleeps(callee) is { } sleeps)
                    {
                        node.Sleeps = Chain(node.Facts.Method, sleeps);
                        changed = true;
                    }

                    if (node.Allocates is null && Allocates(callee) is { } allocates)
                    {
                        node.Allocates = Chain(node.Facts.Method, allocates);
                        changed = true;
                    }

                    foreach (TakenLock taken in Takes(callee).ToList())
                    {
                        if (!node.Takes.ContainsKey(taken.Id))
                        {
                            node.Takes.Add(taken.Id, new TakenLock(taken.Id, taken.Name, taken.Kind, Chain(node.Facts.Method, taken.Chain)));
                            changed = true;
                        }
                    }
                }
            }
        }
    }

    private void Publish()
    {
        if (_program is null)
        {
            return;
        }

        foreach (Node node in _nodes.Values.Where(node => node.Facts.Method.MethodKind is not (MethodKind.LambdaMethod or MethodKind.LocalFunction)))
        {
            _program.Methods[Id(node.Facts.Method)] = new MethodSummary(node.Sleeps, node.Allocates, node.Takes);
        }

        foreach (MethodFacts facts in _nodes.Values.Select(node => node.Facts))
        {
            string id = UniqueId(facts.Method);
            if (facts.Context.Interrupt || facts.Context.Atomic)
            {
                _program.Declared[id] = facts.Context.Interrupt;
            }

            foreach ((IMethodSymbol callee, Site site) in facts.Calls)
            {
                _program.Calls.Add(new Edge(id, UniqueId(callee), site.Interrupt, site.Atomic));
            }

            foreach ((ISymbol taken, LockKind _, Site site) in facts.Takes)
            {
                _program.Takes.Add(new Edge(id, Id(taken), site.Interrupt, site.Atomic));
            }
        }
    }

    // Lambdas and local functions have no documentation name.
    private static string UniqueId(IMethodSymbol method) => method.MethodKind is MethodKind.LambdaMethod or MethodKind.LocalFunction
        ? $"{method.Locations[0].SourceTree?.FilePath}:{method.Locations[0].SourceSpan.Start}"
        : Id(method);

    private MethodSummary? Known(IMethodSymbol method) => _program is not null && _program.Methods.TryGetValue(Id(method), out MethodSummary? known) ? known : null;

    private static bool IsSleepingDelegate(IMethodSymbol method) => method.MethodKind == MethodKind.DelegateInvoke && KernelSymbols.Has(method.ContainingType.OriginalDefinition, "MightSleep");

    private static string Chain(IMethodSymbol method, string rest)
    {
        string[] parts = rest.Split([" → "], StringSplitOptions.None);
        return AnalysisScope.Name(method) + " → " + (parts.Length < LongestChain ? rest : string.Join(" → ", parts.Take(LongestChain - 2)) + " → … → " + parts[parts.Length - 1]);
    }

    private sealed class Node(MethodFacts facts)
    {
        public MethodFacts Facts { get; } = facts;

        public string? Sleeps { get; set; }

        public string? Allocates { get; set; }

        public Dictionary<string, TakenLock> Takes { get; } = new(StringComparer.Ordinal);
    }
}
