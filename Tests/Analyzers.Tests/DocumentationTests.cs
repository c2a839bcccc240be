using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using Xunit;

namespace CosmosKernel.Analyzers.Tests;

/// <summary>Every rule has a page, and the code on it is what the page says.</summary>
public sealed partial class DocumentationTests
{
    /// <summary>The folder of the whole tree.</summary>
    internal static string Root { get; } = Path.GetFullPath(typeof(DocumentationTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == "Root").Value!);

    public static TheoryData<string> Ids => [.. Rules.All.Select(rule => rule.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void WrongCodeIsReportedAndRightCodeIsNot(string id)
    {
        string page = File.ReadAllText(Path.Combine(Root, "docs/analyzers", id + ".md"));
        Assert.StartsWith("# " + id + ": ", page, StringComparison.Ordinal);
        IReadOnlyList<string> wrong = Code(page, "Wrong");
        IReadOnlyList<string> right = Code(page, "Right");
        Assert.NotEmpty(wrong);
        Assert.NotEmpty(right);
        Assert.All(wrong, code => Assert.Equal([id], Example.Diagnostics(code).Select(one => one.Id).Distinct()));
        Assert.All(right, code => Assert.Empty(Example.Diagnostics(code)));
    }

    [Fact]
    public void TheIndexListsEveryRule()
    {
        string index = File.ReadAllText(Path.Combine(Root, "docs/analyzers/index.md"));
        Assert.Equal(Rules.All.Select(rule => rule.Id), RuleRow().Matches(index).Select(match => match.Groups[1].Value));
    }

    [Fact]
    public void TheBuildKnowsEveryRule()
    {
        string properties = File.ReadAllText(Path.Combine(Root, "Directory.Build.props"));
        Assert.All(Rules.All, rule => Assert.Contains(rule.Id, properties, StringComparison.Ordinal));
    }

    private static IReadOnlyList<string> Code(string page, string heading)
    {
        int begin = page.IndexOf("\n## " + heading + "\n", StringComparison.Ordinal);
        int end = page.IndexOf("\n## ", begin + 4, StringComparison.Ordinal);
        string section = page[begin..(end < 0 ? page.Length : end)];
        return [.. CodeBlock().Matches(section).Select(match => match.Groups[1].Value)];
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"^\| \[(CKL[0-9]{3})\]", RegexOptions.Multiline)]
    private static partial Regex RuleRow();
}
