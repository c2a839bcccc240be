using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Xunit;

namespace CosmosKernel.Analyzers.Tests;

/// <summary>Compiles a piece of code with the kernel's attributes and looks at what the analyzer says about it.</summary>
internal static partial class Example
{
    private const string Header = "using System; using System.Collections.Generic; using System.Threading; using CosmosKernel.Machine.Locking; using SpinLock = CosmosKernel.Machine.Locking.SpinLock; using Mutex = CosmosKernel.Machine.Locking.Mutex;\n";

    private static readonly CSharpParseOptions s_parse = new(LanguageVersion.CSharp13);
    private static readonly ImmutableArray<MetadataReference> s_references = [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
        .Split(Path.PathSeparator)
        .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
        .Select(path => MetadataReference.CreateFromFile(path))];

    private static readonly ImmutableArray<SyntaxTree> s_surroundings = [.. Assembly.GetExecutingAssembly().GetManifestResourceNames().Select(Parse)];

    /// <summary>Checks that the analyzer reports on each line what a comment at its end says (<c>// CKL003</c>, several parted by spaces), and nothing else.</summary>
    /// <param name="source">Types; usings are there.</param>
    public static void Check(string source)
    {
        var expected = source.Split('\n')
            .SelectMany((line, number) => Expectation().Match(line) is { Success: true } match ? match.Groups[1].Value.Split(' ').Select(id => (Line: number + 1, Id: id)) : [])
            .Order().ToList();
        var found = Diagnostics(source).Select(one => (Line: one.Location.GetLineSpan().StartLinePosition.Line, one.Id, Message: one.GetMessage())).OrderBy(one => one.Line).ToList();
        if (!expected.SequenceEqual(found.Select(one => (one.Line, one.Id)).Order()))
        {
            string what = string.Join('\n', found.Select(one => $"  line {one.Line} {one.Id}: {one.Message}"));
            Assert.Fail($"expected {string.Join(", ", expected.Select(one => $"{one.Id} in line {one.Line}"))}; found\n{what}\nin\n{source}");
        }
    }

    /// <summary>What the analyzer says about a piece of code.</summary>
    public static IReadOnlyList<Diagnostic> Diagnostics(string source, params MetadataReference[] more)
    {
        CSharpCompilation compilation = Compile("Example", source, more);
        return [.. compilation.WithAnalyzers([new KernelAnalyzer()]).GetAnalyzerDiagnosticsAsync().GetAwaiter().GetResult().Where(one => one.Location.SourceTree?.FilePath == "Example.cs")];
    }

    /// <summary>A compilation of a piece of code, without the surroundings if <paramref name="more"/> brings them.</summary>
    public static CSharpCompilation Compile(string name, string source, params MetadataReference[] more)
    {
        SyntaxTree tree = CSharpSyntaxTree.ParseText(Header + source, s_parse, "Example.cs");
        CSharpCompilation compilation = CSharpCompilation.Create(
            name,
            more.Length == 0 ? s_surroundings.Add(tree) : [tree],
            s_references.Concat(more),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
        Assert.Empty(compilation.GetDiagnostics().Where(one => one.Severity == DiagnosticSeverity.Error));
        return compilation;
    }

    private static SyntaxTree Parse(string resource)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream);
        return CSharpSyntaxTree.ParseText(reader.ReadToEnd(), s_parse, resource);
    }

    [GeneratedRegex("// (CKL[0-9]{3}(?: CKL[0-9]{3})*)\\s*$")]
    private static partial Regex Expectation();
}
