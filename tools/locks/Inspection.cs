using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using CosmosKernel.Analyzers;
using CosmosKernel.Analyzers.Calls;
using CosmosKernel.Analyzers.Locks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace CosmosKernel.Tools.Locks;

/// <summary>The whole kernel, looked at by the analyzer: each assembly with what is known of those below it.</summary>
internal sealed class Inspection
{
    private Inspection(IReadOnlyList<(string Project, ImmutableArray<Diagnostic> Diagnostics)> projects, string document)
    {
        Projects = projects;
        Document = document;
    }

    /// <summary>What the analyzer says, by project.</summary>
    public IReadOnlyList<(string Project, ImmutableArray<Diagnostic> Diagnostics)> Projects { get; }

    /// <summary>docs/locks.md, as the sources make it.</summary>
    public string Document { get; }

    /// <summary>Looks at everything.</summary>
    /// <param name="root">The folder of the whole tree.</param>
    /// <exception cref="InvalidOperationException">A project does not compile.</exception>
    public static Inspection Run(string root)
    {
        var program = new ProgramSummary();
        var survey = new LockSurvey();
        var suppressions = new List<(string Place, string Reason)>();
        var projects = new List<(string, ImmutableArray<Diagnostic>)>();
        foreach ((string project, CSharpCompilation compilation) in KernelSources.Open(root))
        {
            projects.Add((project, Analyze(compilation, program)));
            if (!project.StartsWith("Tests/", StringComparison.Ordinal))
            {
                survey.Add(compilation);
                suppressions.AddRange(Suppressions.Of(compilation));
            }
        }

        return new Inspection(projects, LockDocument.Write(survey, program, [.. suppressions.Order()]));
    }

    private static ImmutableArray<Diagnostic> Analyze(CSharpCompilation compilation, ProgramSummary program)
    {
        Diagnostic? broken = compilation.GetDeclarationDiagnostics().FirstOrDefault(one => one.Severity == DiagnosticSeverity.Error);
        if (broken is not null)
        {
            throw new InvalidOperationException($"{compilation.AssemblyName} does not compile: {broken}");
        }

        ImmutableArray<Diagnostic> found = compilation.WithAnalyzers([new KernelAnalyzer(program)]).GetAnalyzerDiagnosticsAsync().GetAwaiter().GetResult();
        return [.. found.Where(one => !one.IsSuppressed)];
    }
}
