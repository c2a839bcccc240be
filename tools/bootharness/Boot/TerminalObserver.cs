using System;
using System.IO;
using CosmosKernel.BootHarness;

namespace CosmosKernel.Boot;

/// <summary>
/// Shows a boot: serial bytes go to standard output as they come; on a terminal, a progress line stands below them
/// while the guest's cursor is in the first column.
/// </summary>
/// <param name="output">Standard output.</param>
/// <param name="progress">The terminal, or null for no progress line.</param>
/// <param name="width">The terminal's width in columns.</param>
internal sealed class TerminalObserver(Stream output, TextWriter? progress, Func<int> width) : IBootObserver
{
    private bool _shown;

    /// <inheritdoc/>
    public void OnSerial(ReadOnlySpan<byte> bytes)
    {
        Clear();
        output.Write(bytes);
        output.Flush();
    }

    /// <inheritdoc/>
    public void OnProgress(BootProgress state)
    {
        if (progress is null || !state.AtLineStart)
        {
            return;
        }

        string text = state.ToString();
        int columns = width();
        int room = columns > 20 ? columns - 1 : 79;
        progress.Write($"\r\e[2K\e[7m{(text.Length > room ? text[..room] : text)}\e[0m");
        progress.Flush();
        _shown = true;
    }

    /// <summary>Takes the progress line away.</summary>
    public void Clear()
    {
        if (_shown)
        {
            progress!.Write("\r\e[2K");
            progress.Flush();
            _shown = false;
        }
    }
}
