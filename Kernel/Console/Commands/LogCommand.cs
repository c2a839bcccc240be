using System;
using System.Collections.Generic;
using CosmosKernel.Console.Text;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Commands;
using CosmosKernel.Modules.Log;

namespace CosmosKernel.Console.Commands;

/// <summary>Shows the kernel log.</summary>
internal sealed class LogCommand : ConsoleCommand
{
    [Immutable]
    private static readonly string[] s_levels = ["emergency", "alert", "critical", "error", "warning", "notice", "info", "debug"];

    /// <inheritdoc/>
    public override string Name => "log";

    /// <inheritdoc/>
    public override string Usage => "[-n COUNT] [-l LEVEL]";

    /// <inheritdoc/>
    public override string Summary => "show the kernel log";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Details =>
    [
        "-n COUNT  only the last lines",
        "-l LEVEL  only lines of this level and more important ones:",
        "          emergency, alert, critical, error, warning, notice, info, debug",
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Complete(IReadOnlyList<string> before) => before.Count > 0 && before[^1] == "-l" ? s_levels : before.Count % 2 == 0 ? ["-n", "-l"] : [];

    /// <inheritdoc/>
    [MightSleep]
    public override void Run(CommandContext context)
    {
        Dictionary<char, string> options = context.TakeOptions("nl", out List<string> rest);
        if (rest.Count > 0)
        {
            throw new CommandUsageException($"unexpected argument '{rest[0]}'");
        }

        int count = options.TryGetValue('n', out string? number) ? CommandContext.ParseNumber("count", number, 1, int.MaxValue) : int.MaxValue;
        int level = options.TryGetValue('l', out string? name) ? Array.IndexOf(s_levels, name) : (int)LogLevel.Debug;
        if (level < 0)
        {
            throw new CommandUsageException($"level '{name}': expected one of {string.Join(", ", s_levels)}");
        }

        LogLine[] lines = Array.FindAll(KernelLog.Lines, line => (int)line.Level <= level);
        foreach (LogLine line in lines.AsSpan(Math.Max(0, lines.Length - count)))
        {
            string text = KernelLog.Format(line.Nanoseconds, line.Text);
            string style = line.Level <= LogLevel.Error ? Ansi.Red : line.Level == LogLevel.Warning ? Ansi.Yellow : line.Level == LogLevel.Debug ? Ansi.Dim : "";
            context.WriteLine(style.Length == 0 ? text : Ansi.Style(style, text));
        }
    }
}
