using System.Collections.Generic;
using CosmosKernel.Console.Input;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Commands;
using CosmosKernel.Modules.Consoles;
using CosmosKernel.Tasks;

namespace CosmosKernel.Console;

/// <summary>One call of a command.</summary>
internal sealed class ShellContext(IReadOnlyList<string> arguments, Terminal terminal, KeyReader keys) : CommandContext
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Arguments => arguments;

    /// <inheritdoc/>
    public override int Columns => terminal.Size.Columns;

    /// <summary>Whether the last text that was written ended its line.</summary>
    [Atomic]
    public bool IsAtLineStart { get; private set; } = true;

    /// <inheritdoc/>
    [MightSleep]
    public override (int Columns, int Rows) MeasureTerminal() => terminal.Measure();

    /// <inheritdoc/>
    [MightSleep]
    public override void Write(string text)
    {
        KernelTask.Current.ThrowIfKilled();
        if (text.Length > 0)
        {
            KernelConsole.Write(text);
            IsAtLineStart = text[^1] == '\n';
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override bool ReadKey(out Key key, ulong deadline)
    {
        bool read = keys.Read(out key, deadline);
        KernelTask.Current.ThrowIfKilled();
        return read;
    }
}
