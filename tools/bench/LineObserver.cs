using System;
using CosmosKernel.BootHarness;
using Spectre.Console;

namespace CosmosKernel.Bench;

/// <summary>Shows where a boot is in the status line of a console.</summary>
/// <param name="status">The status line.</param>
/// <param name="title">What the boot is for.</param>
internal sealed class LineObserver(StatusContext status, string title) : IBootObserver
{
    /// <inheritdoc/>
    public void OnSerial(ReadOnlySpan<byte> bytes)
    {
    }

    /// <inheritdoc/>
    public void OnProgress(BootProgress progress) => status.Status($"{title} {Markup.Escape(progress.ToString())}");
}
