using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using CosmosKernel.Analyzers.Calls;
using CosmosKernel.Analyzers.Disciplines;
using CosmosKernel.Analyzers.Locks;

namespace CosmosKernel.Tools.Locks;

/// <summary>Writes docs/locks.md.</summary>
internal static class LockDocument
{
    private const string Opening = """
        # The locks of the kernel

        Made by `make locks` from the attributes in the sources (`tools/locks`); do not edit: a test compares this page with the sources. [analyzers](analyzers/index.md) says what is checked about locks at
        build time, and [validator](validator.md) what is checked while the kernel runs.

        """;

    private const string Order = """

        ## In their order

        While a lock is held, only locks further down may be taken. Two locks of one class are never held together unless the class says in which order. The order and the classes are the list in
        `Kernel/Machine/Locking/LockClass.cs`.

        *Taken in* says where the calls lead from: **task**: by a task that may be preempted; **atomic**: with preemption or interrupts off, another spin lock held; **interrupt**: by an interrupt handler,
        or what runs with interrupts off as one.

        | class | lock | type | guards | taken in |
        |---|---|---|---|---|

        """;

    private const string WithoutPlace = """

        ## Without a place in the order

        Locks of .NET, and locks of modules, which register their classes when they start. The validator learns the order of the latter as it sees it.

        | class | lock | type | guards | taken in |
        |---|---|---|---|---|

        """;

    /// <summary>The page.</summary>
    /// <param name="survey">What the sources declare.</param>
    /// <param name="program">What the analyzer found out about the calls.</param>
    /// <param name="suppressions">Suppressed diagnostics: place and reason.</param>
    public static string Write(LockSurvey survey, ProgramSummary program, IReadOnlyList<(string Place, string Reason)> suppressions)
    {
        Dictionary<string, string> contexts = LockContexts.Of(program);
        var text = new StringBuilder(Opening);
        var locks = survey.Locks.Values
            .Select(field => (Field: field, Class: program.LockClasses.GetValueOrDefault(field.Id)))
            .OrderBy(one => one.Class?.Order is null or 0 ? int.MaxValue : one.Class.Order)
            .ThenBy(one => one.Class?.Name ?? "~", StringComparer.Ordinal)
            .ThenBy(one => one.Field.Name, StringComparer.Ordinal)
            .ToList();
        text.Append(Order);
        foreach ((LockField field, LockClass? lockClass) in locks.Where(one => one.Class is { Order: > 0 }))
        {
            Row(text, field, lockClass, contexts);
        }

        text.Append(WithoutPlace);
        foreach ((LockField field, LockClass? lockClass) in locks.Where(one => one.Class is not { Order: > 0 }))
        {
            Row(text, field, lockClass, contexts);
        }

        Disciplines(text, survey);
        text.Append("\n## Protocols\n\nState whose rule none of the other disciplines describes, with the rule.\n\n| what | who writes, who reads, what orders them |\n|---|---|\n");
        foreach (KeyValuePair<string, string> protocol in survey.Protocols)
        {
            text.Append(CultureInfo.InvariantCulture, $"| `{Short(protocol.Key)}` | {Cell(protocol.Value)} |\n");
        }

        text.Append("\n## Suppressed diagnostics\n\n");
        text.Append(suppressions.Count == 0 ? "None.\n" : "| where | why |\n|---|---|\n");
        foreach ((string place, string reason) in suppressions)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {Cell(place)} | {Cell(reason)} |\n");
        }

        return text.ToString();
    }

    private static void Row(StringBuilder text, LockField field, LockClass? lockClass, Dictionary<string, string> contexts)
    {
        string name = lockClass is null ? "" : lockClass.Nests is null ? lockClass.Name : $"{lockClass.Name}, several by {lockClass.Nests}";
        string owner = field.Name.Split('.')[0];
        IEnumerable<string> guards = field.Guards.Select(guarded => guarded.StartsWith(owner + ".", StringComparison.Ordinal) ? guarded[(owner.Length + 1)..] : guarded);
        text.Append(CultureInfo.InvariantCulture, $"| {Cell(name)} | `{field.Name}` | {Cell(field.Type)} | {string.Join(", ", guards.Select(guarded => $"`{guarded}`"))} | {contexts.GetValueOrDefault(field.Id, "")} |\n");
    }

    private static void Disciplines(StringBuilder text, LockSurvey survey)
    {
        DisciplineKind[] kinds = [.. Enum.GetValues<DisciplineKind>().Where(kind => kind != DisciplineKind.None)];
        text.Append("\n## Shared mutable state by discipline\n\nFields, properties and events; what each discipline means is in [analyzers](analyzers/index.md).\n\n| assembly |");
        text.AppendJoin("", kinds.Select(kind => $" {Name(kind)} |")).Append(" all |\n|---|").AppendJoin("", kinds.Select(_ => "---:|")).Append("---:|\n");
        foreach ((string assembly, SortedDictionary<DisciplineKind, int> counts) in survey.Counts)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {assembly} |").AppendJoin("", kinds.Select(kind => $" {counts.GetValueOrDefault(kind)} |"))
                .Append(CultureInfo.InvariantCulture, $" {counts.Values.Sum()} |\n");
        }

        text.Append("| **all** |").AppendJoin("", kinds.Select(kind => $" {survey.Counts.Values.Sum(counts => counts.GetValueOrDefault(kind))} |"))
            .Append(CultureInfo.InvariantCulture, $" {survey.Counts.Values.Sum(counts => counts.Values.Sum())} |\n");
    }

    private static string Name(DisciplineKind kind) => kind switch
    {
        DisciplineKind.PerCpu => "per-CPU",
        DisciplineKind.TaskPrivate => "task-private",
        _ => kind.ToString().ToLowerInvariant(),
    };

    private static string Short(string name) => name.StartsWith("CosmosKernel.", StringComparison.Ordinal) ? name["CosmosKernel.".Length..] : name;

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace('\n', ' ');
}
