using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace CosmosKernel.Tools.ApiCheck;

/// <summary>What single modules of the tree may use beyond the API: lines <c>MODULE uses TYPE : REASON</c>; <c>#</c> begins a comment. One that its module does not need is a finding, too.</summary>
internal sealed class ApiExceptions
{
    private readonly List<(string Module, string Name, string Place)> _lines = [];

    /// <summary>Reads a file.</summary>
    public static ApiExceptions Read(string file) => Parse(File.ReadAllLines(file), file);

    /// <summary>Reads lines.</summary>
    public static ApiExceptions Parse(IReadOnlyList<string> lines, string file)
    {
        var exceptions = new ApiExceptions();
        for (int i = 0; i < lines.Count; i++)
        {
            string line = lines[i].Split('#')[0].Trim();
            if (line.Length == 0)
            {
                continue;
            }

            string[] parts = line.Split(" : ", 2);
            string[] words = parts[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length != 2 || parts[1].Trim().Length == 0 || words.Length != 3 || words[1] != "uses")
            {
                throw new ApiException($"{file}({i + 1}): expected 'MODULE uses TYPE : REASON', found '{line}'");
            }

            exceptions._lines.Add((words[0], words[2], $"{file}({i + 1})"));
        }

        return exceptions;
    }

    /// <summary>Whether a module may use something.</summary>
    public bool Allow(string module, string name) => _lines.Any(line => line.Module == module && line.Name == name);

    /// <summary>Findings for exceptions that a module does not need.</summary>
    public IEnumerable<string> Unused(string module, ICollection<string> used) =>
        _lines.Where(line => line.Module == module && !used.Contains(line.Name)).Select(line => $"{line.Place}: error : module {module} does not use {line.Name}: the exception is not needed");
}
