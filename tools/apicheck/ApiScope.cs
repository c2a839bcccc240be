using System;
using System.Collections.Generic;
using System.IO;
using Mono.Cecil;

namespace CosmosKernel.Tools.ApiCheck;

/// <summary>
/// Which types are the module API: lines <c>TYPE</c> and <c>NAMESPACE.*</c> (which has the namespaces below it too), each with <c>-</c> before it to leave out what a line above takes in; <c>#</c> begins a comment.
/// </summary>
internal sealed class ApiScope
{
    private readonly List<(bool IsIn, bool IsNamespace, string Name)> _rules = [];

    /// <summary>Reads a file.</summary>
    public static ApiScope Read(string file) => Parse(File.ReadAllLines(file), file);

    /// <summary>Reads lines.</summary>
    public static ApiScope Parse(IReadOnlyList<string> lines, string file)
    {
        var scope = new ApiScope();
        for (int i = 0; i < lines.Count; i++)
        {
            string line = lines[i].Split('#')[0].Trim();
            if (line.Length == 0)
            {
                continue;
            }

            bool isOut = line[0] == '-';
            string name = isOut ? line[1..].Trim() : line;
            bool isNamespace = name.EndsWith(".*", StringComparison.Ordinal);
            name = isNamespace ? name[..^2] : name;
            if (name.Length == 0 || name.AsSpan().ContainsAny(" *"))
            {
                throw new ApiException($"{file}({i + 1}): expected 'TYPE', 'NAMESPACE.*' or one of them behind '-', found '{line}'");
            }

            scope._rules.Add((!isOut, isNamespace, name));
        }

        return scope;
    }

    /// <summary>A type, or the type that it is nested in, belongs to the API.</summary>
    public bool Contains(TypeReference type)
    {
        TypeReference top = type;
        while (top.DeclaringType is { } outer)
        {
            top = outer;
        }

        bool isIn = false;
        foreach ((bool rule, bool isNamespace, string name) in _rules)
        {
            bool matches = isNamespace
                ? top.Namespace == name || top.Namespace.StartsWith(name + ".", StringComparison.Ordinal)
                : top.FullName == name;
            isIn = matches ? rule : isIn;
        }

        return isIn;
    }
}
