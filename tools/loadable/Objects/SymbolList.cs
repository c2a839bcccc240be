using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

namespace CosmosKernel.Tools.Loadable.Objects;

/// <summary>
/// The symbols that a kernel or a module exports, as a file (<c>.symvers</c>) beside it: first lines <c>KEY=VALUE</c>, an empty line, then for each symbol a line of kind,
/// size, content hash and name.
/// </summary>
internal sealed class SymbolList
{
    private const string Kinds = "ctdo";

    /// <summary>What the file says of the build: <c>vermagic</c>, <c>api</c>, <c>apihash</c>.</summary>
    public SortedDictionary<string, string> Information { get; } = new(StringComparer.Ordinal);

    /// <summary>Symbols by name.</summary>
    public Dictionary<string, SymbolRecord> Symbols { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads a file.</summary>
    public static SymbolList Read(string path)
    {
        var list = new SymbolList();
        using var reader = new StreamReader(path, Encoding.UTF8);
        int number = 1;
        for (string? line = reader.ReadLine(); !string.IsNullOrEmpty(line); line = reader.ReadLine(), number++)
        {
            string[] parts = line.Split('=', 2);
            list.Information[parts[0]] = parts.Length == 2 ? parts[1] : throw new LoadableException($"{path}({number}): expected KEY=VALUE, found '{line}'");
        }

        for (string? line = reader.ReadLine(); line is not null; line = reader.ReadLine())
        {
            number++;
            string[] parts = line.Split(' ', 4);
            int kind = parts.Length == 4 && parts[0].Length == 1 ? Kinds.IndexOf(parts[0][0], StringComparison.Ordinal) : -1;
            if (kind < 0
                || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long size)
                || !ulong.TryParse(parts[2], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong content))
            {
                throw new LoadableException($"{path}({number + 1}): expected kind, size, hash and name of a symbol, found '{line}'");
            }

            list.Symbols.TryAdd(parts[3], new SymbolRecord(parts[3], (SymbolKind)kind, size, content));
        }

        return list;
    }

    /// <summary>Writes a file.</summary>
    public void Write(string path)
    {
        var text = new StringBuilder();
        foreach ((string key, string value) in Information)
        {
            text.Append(CultureInfo.InvariantCulture, $"{key}={value}\n");
        }

        text.Append('\n');
        foreach (SymbolRecord symbol in Symbols.Values.OrderBy(s => s.Name, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{Kinds[(int)symbol.Kind]} {symbol.Size} {symbol.Content:x} {symbol.Name}\n");
        }

        File.WriteAllText(path, text.ToString());
    }
}
