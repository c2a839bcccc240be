using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Analyzers.Calls;

namespace CosmosKernel.Tools.Locks;

/// <summary>In which contexts each lock is taken: from what methods declare, along the calls.</summary>
internal static class LockContexts
{
    [Flags]
    private enum Contexts
    {
        None = 0,
        Task = 1,
        Atomic = 2,
        Interrupt = 4,
    }

    /// <summary>Finds them.</summary>
    /// <param name="program">What the analyzer found out about all assemblies.</param>
    /// <returns>By the lock's documentation name: "task", "atomic", "interrupt", parted by commas.</returns>
    public static Dictionary<string, string> Of(ProgramSummary program)
    {
        Dictionary<string, Contexts> methods = Spread(program);
        return program.Takes.GroupBy(edge => edge.To).ToDictionary(
            group => group.Key,
            group => Text(group.Aggregate(Contexts.None, (all, edge) => all | At(edge, methods.GetValueOrDefault(edge.From, Contexts.Task)))),
            StringComparer.Ordinal);
    }

    // A method runs where its callers call it, unless it says itself where it runs; one without callers runs in a task.
    private static Dictionary<string, Contexts> Spread(ProgramSummary program)
    {
        var contexts = new Dictionary<string, Contexts>(StringComparer.Ordinal);
        ILookup<string, Edge> calls = program.Calls.ToLookup(edge => edge.From, StringComparer.Ordinal);
        HashSet<string> called = [.. program.Calls.Select(edge => edge.To)];
        var work = new Queue<string>();
        foreach (string method in program.Calls.Concat(program.Takes).Select(edge => edge.From).Concat(program.Declared.Keys).Distinct())
        {
            Contexts begins = program.Declared.TryGetValue(method, out bool interrupt) ? (interrupt ? Contexts.Interrupt : Contexts.Atomic)
                : called.Contains(method) ? Contexts.None : Contexts.Task;
            contexts[method] = begins;
            work.Enqueue(method);
        }

        while (work.TryDequeue(out string? method))
        {
            foreach (Edge call in calls[method])
            {
                Contexts there = contexts.GetValueOrDefault(call.To);
                Contexts now = there | At(call, contexts[method]);
                if (now != there && !program.Declared.ContainsKey(call.To))
                {
                    contexts[call.To] = now;
                    work.Enqueue(call.To);
                }
            }
        }

        return contexts;
    }

    private static Contexts At(Edge edge, Contexts around) => edge.Interrupt ? (around & Contexts.Interrupt) | Contexts.Atomic
        : edge.Atomic ? (around & Contexts.Interrupt) | Contexts.Atomic
        : around;

    private static string Text(Contexts contexts) => string.Join(
        ", ",
        new[] { Contexts.Task, Contexts.Atomic, Contexts.Interrupt }.Where(one => contexts.HasFlag(one)).Select(one => one.ToString().ToLowerInvariant()));
}
