using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Enumeration;

namespace CosmosKernel.Tools.Loadable.Roots;

/// <summary>What of which assembly the loadable kernel keeps for modules: lines <c>assembly NAME</c> and <c>leave PATTERN : REASON</c>, <c>#</c> begins a comment.</summary>
internal sealed class RootRules
{
    private readonly List<(string Pattern, string Where)> _left = [];
    private readonly HashSet<string> _used = [];

    private RootRules()
    {
    }

    /// <summary>Simple names of the assemblies, in order.</summary>
    public List<string> Assemblies { get; } = [];

    /// <summary>Patterns that no type matched, with their places.</summary>
    public IEnumerable<string> Unused
    {
        get
        {
            foreach ((string pattern, string where) in _left)
            {
                if (!_used.Contains(pattern))
                {
                    yield return $"{where}: no type or method matches '{pattern}'";
                }
            }
        }
    }

    /// <summary>Reads rules.</summary>
    public static RootRules Read(string file)
    {
        var rules = new RootRules();
        string[] lines = File.ReadAllLines(file);
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Split('#')[0].Trim();
            if (line.Length == 0)
            {
                continue;
            }

            string where = $"{file}({i + 1})";
            string[] words = line.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            string[] parts = words.Length == 2 ? words[1].Split(" : ", 2, StringSplitOptions.TrimEntries) : [];
            if (words[0] == "assembly" && parts.Length == 1)
            {
                rules.Assemblies.Add(parts[0]);
            }
            else if (words[0] == "leave" && parts.Length == 2 && parts[1].Length != 0)
            {
                rules._left.Add((parts[0], where));
            }
            else
            {
                throw new LoadableException($"{where}: expected 'assembly NAME' or 'leave PATTERN : REASON', found '{line}'");
            }
        }

        return rules;
    }

    /// <summary>Whether a type, by its full name with <c>/</c> before nested ones, or a method, <c>TYPE::METHOD</c>, is left out.</summary>
    public bool Leaves(string name)
    {
        bool isMethod = name.Contains("::", StringComparison.Ordinal);
        foreach ((string pattern, _) in _left)
        {
            if (isMethod == pattern.Contains("::", StringComparison.Ordinal) && FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false))
            {
                _used.Add(pattern);
                return true;
            }
        }

        return false;
    }
}
