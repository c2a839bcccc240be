using System;
using CosmosKernel.Machine.Diagnostics;

namespace CosmosKernel.Modules.Consoles;

/// <summary>The polled serial line that the kernel boots with; a serial driver takes its place.</summary>
public sealed class EarlyOutput : ConsoleOutput
{
    /// <inheritdoc/>
    public override string Name => "early";

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text) => EarlyConsole.Write(text);

    /// <inheritdoc/>
    public override void Flush() => EarlyConsole.Flush();
}
