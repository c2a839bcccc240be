using System;
using System.IO;
using System.Text;

namespace CosmosKernel.BootHarness;

/// <summary>The full log of a boot: the command line, the serial bytes as they came, and the verdict. Lines of the harness begin with <c>harness: </c>.</summary>
internal sealed class BootLog : IDisposable
{
    private readonly FileStream? _file;
    private bool _atLineStart = true;

    /// <param name="path">The file, made with its folder; null to keep nothing.</param>
    /// <exception cref="UsageException">The file cannot be written.</exception>
    public BootLog(string? path)
    {
        if (path is null)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            _file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--log: {e.Message}");
        }
    }

    /// <summary>Adds serial bytes.</summary>
    public void Serial(ReadOnlySpan<byte> bytes)
    {
        if (_file is not null && bytes.Length > 0)
        {
            _file.Write(bytes);
            _file.Flush();
            _atLineStart = bytes[^1] == (byte)'\n';
        }
    }

    /// <summary>Adds lines of the harness.</summary>
    public void Note(string text)
    {
        if (_file is null || text.Length == 0)
        {
            return;
        }

        StringBuilder lines = new(_atLineStart ? "" : "\n");
        foreach (string line in text.TrimEnd().ReplaceLineEndings("\n").Split('\n'))
        {
            lines.Append("harness: ").Append(line).Append('\n');
        }

        _file.Write(Encoding.UTF8.GetBytes(lines.ToString()));
        _file.Flush();
        _atLineStart = true;
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();
}
