using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using XSharp.Syntax;
using Xunit;

namespace XSharp.Tests;

/// <summary>docs/xsharp.md is what people write X# from, so each of its rows is compiled.</summary>
public sealed class DocumentationTests
{
    private static readonly string[] _lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "xsharp.md"));

    /// <summary>Rows of the tables with the heading "X# | becomes".</summary>
    public static TheoryData<string, string> Rows()
    {
        var rows = new TheoryData<string, string>();
        bool inTable = false;
        foreach (string line in _lines)
        {
            inTable = line == "| X# | becomes |" || (inTable && line.StartsWith('|'));
            MatchCollection code = Regex.Matches(line.Replace("\\|", "\u0001", StringComparison.Ordinal), "`([^`]*)`");
            if (inTable && code.Count >= 2)
            {
                rows.Add(code[0].Groups[1].Value.Replace('\u0001', '|'), string.Join("\n", code.Skip(1).Select(m => m.Groups[1].Value)));
            }
        }

        return rows;
    }

    [Fact]
    public void The_tables_are_found() => Assert.InRange(Rows().Count, 100, 1000);

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_documented_statement_becomes_the_documented_instructions(string statement, string instructions)
    {
        // A variable's name has a dot before it, so the program must not need its declaration.
        Workbench.AssertSame(statement, instructions);
    }

    [Fact]
    public void Every_documented_instruction_exists_and_every_instruction_is_documented()
    {
        int start = Array.FindIndex(_lines, l => l.StartsWith("## Instructions by name", StringComparison.Ordinal));
        int end = Array.FindIndex(_lines, start + 1, l => l.StartsWith("`lock`", StringComparison.Ordinal));
        string[] words = [.. Regex.Matches(string.Join("\n", _lines[start..end]), "`([^`]*)`").SelectMany(m => m.Groups[1].Value.Split(' ', ',')).Distinct()];
        var documented = new HashSet<string>(words.Where(InstructionSet.Contains));
        documented.UnionWith(new[] { "stos", "lods", "cmps", "scas" }.SelectMany(stem => "bwdq".Select(suffix => stem + suffix)));
        documented.UnionWith(words.Select(word => word + "64").Where(InstructionSet.Contains));
        documented.UnionWith(["pushfd", "popfd", "pusha", "pushad", "popa", "popad", "sysret", "retf"]);
        Assert.Equal(InstructionSet.Names.Order(), documented.Order());
    }
}
