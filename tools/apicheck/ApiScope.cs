using System;
using System.Collections.Generic;
using System.IO;
using Mono.Cecil;

namespace CosmosKernel.Tools.ApiCheck;

/// <summary>
/// Which types are the module API: lines <c>TYPE</c> and <c>NAMESPACE.*</c> (which has the namespaces below it too), each with <c>-</c> before it to leave out what a line above takes in, or with
/// <c>name</c> before a type of which only the name belongs to it, for attributes; <c>#</c> begins a comment.
/// </summary>
internal sealed class ApiScope
{
    private const string NamePrefix = "name ";

    private readonly List<(bool IsIn, bool IsNamespace, string Name)> _rules = [];
    private readonly HashSet<string> _names = [];

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
            bool isName = line.StartsWith(NamePrefix, StringComparison.Ordinal);
            string name = isOut ? line[1..].Trim() : isName ? line[NamePrefix.Length..].Trim() : line;
            bool isNamespace = name.EndsWith(".*", StringComparison.Ordinal);
            name = isNamespace ? name[..^2] : name;
            if (name.Length == 0 || name.AsSpan().ContainsAny(" *") || (isName && isNamespace))
            {
                throw new ApiException($"{file}({i + 1}): expected 'TYPE', 'NAMESPACE.*', one of them behind '-', or 'name TYPE', found '{line}'");
            }

            scope._rules.Add((!isOut, isNamespace, name));
            if (isName)
            {
                scope._names.Add(name);
            }
        }

        return scope;
    }

    /// <summary>Of a type that belongs to the API, only the name does: it can be said in an attribute, and none of its members can be used.</summary>
    public bool HasOnlyNameOf(TypeReference type) => _names.Contains(TopOf(type).FullName);

    /// <summary>A type, or the type that it is nested in, belongs to the API.</summary>
    public bool Contains(TypeReference type)
    {
        TypeReference top = TopOf(type);
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

    private static TypeReference TopOf(TypeReference type)
    {
        TypeReference top = type;
        while (top.DeclaringType is { } outer)
        {
            top = outer;
        }

        return top;
    }
}
