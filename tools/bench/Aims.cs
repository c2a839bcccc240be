using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;

namespace CosmosKernel.Bench;

/// <summary>What figures should be at most, from a JSON object of names and numbers.</summary>
public sealed class Aims
{
    private readonly Dictionary<string, decimal> _values;

    private Aims(Dictionary<string, decimal> values)
    {
        _values = values;
    }

    /// <summary>Names that have an aim.</summary>
    public IEnumerable<string> Names => _values.Keys;

    /// <summary>Reads the file.</summary>
    /// <exception cref="InvalidDataException">It is not a JSON object of numbers.</exception>
    public static Aims Read(string path)
    {
        try
        {
            return new Aims(JsonSerializer.Deserialize<Dictionary<string, decimal>>(File.ReadAllText(path))
                ?? throw new InvalidDataException($"{path} holds no aims"));
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}({e.LineNumber + 1}): {e.Message}");
        }
    }

    /// <summary>The aim for a figure that counts instructions, or null.</summary>
    public decimal? Of(string name) => _values.TryGetValue(name, out decimal aim) ? aim : null;
}
