using System;
using System.Collections.Generic;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Console.Editing;

/// <summary>The lines that were entered, the last <see cref="Capacity"/> of them. A line that repeats the one before it is kept once, empty lines not at all.</summary>
[Owned]
public sealed class History
{
    /// <summary>Lines kept.</summary>
    public const int Capacity = 1000;

    private readonly List<string> _lines = [];

    /// <summary>How many there are.</summary>
    public int Count => _lines.Count;

    /// <summary>A line, 0 being the oldest.</summary>
    public string this[int index] => _lines[index];

    /// <summary>Adds a line.</summary>
    public void Add(string line)
    {
        if (string.IsNullOrWhiteSpace(line) || (_lines.Count > 0 && _lines[^1] == line))
        {
            return;
        }

        if (_lines.Count == Capacity)
        {
            _lines.RemoveAt(0);
        }

        _lines.Add(line);
    }

    /// <summary>The newest line below an index that holds a text.</summary>
    /// <param name="text">What to find, case-sensitive.</param>
    /// <param name="below">Lines at and above this index are left out.</param>
    /// <returns>Its index; -1 when there is none.</returns>
    public int FindBackwards(string text, int below)
    {
        for (int i = Math.Min(below, _lines.Count) - 1; i >= 0; i--)
        {
            if (_lines[i].Contains(text, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }
}
