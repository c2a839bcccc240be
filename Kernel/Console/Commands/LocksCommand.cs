using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Console.Text;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Commands;

namespace CosmosKernel.Console.Commands;

/// <summary>Shows lock statistics by class, and what the lock validator reported.</summary>
internal sealed class LocksCommand : ConsoleCommand
{
    private const int Nanosecond = 1;
    private const int Microsecond = 1000 * Nanosecond;

    [Immutable]
    private static readonly (string Name, Func<LockClassStatistics, ulong> Key)[] s_orders =
    [
        ("taken", numbers => (ulong)numbers.Acquisitions),
        ("waits", numbers => (ulong)numbers.Contentions),
        ("wait", numbers => numbers.WaitTotal),
        ("maxwait", numbers => numbers.WaitLongest),
        ("hold", numbers => numbers.HoldTotal),
        ("maxhold", numbers => numbers.HoldLongest),
    ];

    /// <inheritdoc/>
    public override string Name => "locks";

    /// <inheritdoc/>
    public override string Usage => "[taken|waits|wait|maxwait|hold|maxhold|clear|reports]";

    /// <inheritdoc/>
    public override string Summary => "lock statistics by class; reports of the lock validator";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Details =>
    [
        "taken waits wait maxwait hold maxhold   sort by this column, most first (without an argument: waits)",
        "clear    set all numbers to 0",
        "reports  what the lock validator reported since boot",
        "WAITS    how often a lock of the class was not free at once",
        "Times are in microseconds. A kernel without the validator counts waits only: make run VALIDATOR=1",
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Complete(IReadOnlyList<string> before) =>
        before.Count == 0 ? [.. s_orders.Select(order => order.Name), "clear", "reports"] : [];

    /// <inheritdoc/>
    public override void Run(CommandContext context)
    {
        context.ExpectArguments(0, 1);
        string what = context.Arguments.Count == 0 ? "waits" : context.Arguments[0];
        switch (what)
        {
            case "clear":
                LockStatistics.Clear();
                return;
            case "reports":
                WriteReports(context);
                return;
        }

        int order = Array.FindIndex(s_orders, candidate => candidate.Name == what);
        if (order < 0)
        {
            throw new CommandUsageException($"unknown argument '{what}'");
        }

        WriteTable(context, s_orders[order].Key);
    }

    private static void WriteTable(CommandContext context, Func<LockClassStatistics, ulong> key)
    {
        var rows = new List<(string Name, LockClassStatistics Numbers)>();
        for (int i = 1; i < LockClasses.Maximum; i++)
        {
            LockClassStatistics numbers = LockStatistics.Of((LockClass)i);
            if ((numbers.Acquisitions != 0 || numbers.Contentions != 0) && LockClasses.NameOf((LockClass)i) is { } name)
            {
                rows.Add((name, numbers));
            }
        }

        Table table = new Table().Column("CLASS").Column("WAITS", Alignment.Right);
        if (LockStatistics.IsComplete)
        {
            table.Column("TAKEN", Alignment.Right).Column("WAIT", Alignment.Right).Column("MAXWAIT", Alignment.Right).Column("HOLD", Alignment.Right).Column("MAXHOLD", Alignment.Right);
        }

        foreach ((string name, LockClassStatistics numbers) in rows.OrderByDescending(row => key(row.Numbers)).ThenBy(row => row.Name, StringComparer.Ordinal))
        {
            if (LockStatistics.IsComplete)
            {
                table.Row(
                    name,
                    numbers.Contentions.ToString(),
                    numbers.Acquisitions.ToString(),
                    Show(numbers.WaitTotal),
                    Show(numbers.WaitLongest),
                    Show(numbers.HoldTotal),
                    Show(numbers.HoldLongest));
            }
            else
            {
                table.Row(name, numbers.Contentions.ToString());
            }
        }

        context.WriteTable(table);
        context.WriteLine(LockStatistics.IsComplete
            ? $"lock validator: {LockValidator.Reports} reports; {LockValidator.Orders.Seen} of {LockValidator.Orders.Room} orders of two classes seen"
            : "this kernel was built without the lock validator: only waits are counted (make run VALIDATOR=1 for all)");
    }

    private static void WriteReports(CommandContext context)
    {
        if (!LockValidator.IsEnabled)
        {
            context.WriteLine("this kernel was built without the lock validator (make run VALIDATOR=1)");
        }
        else if (LockValidator.Reports == 0)
        {
            context.WriteLine("no reports");
        }
        else
        {
            foreach (string line in LockValidator.ReportText.Trim('\n').Split('\n'))
            {
                context.WriteLine(line);
            }
        }
    }

    private static string Show(ulong nanoseconds) => ((nanoseconds + (Microsecond / 2)) / Microsecond).ToString();
}
