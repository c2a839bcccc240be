using System;
using System.IO;
using System.Linq;
using CosmosKernel.Tools.Locks;
using Xunit;

namespace CosmosKernel.Analyzers.Tests;

/// <summary>The whole kernel, looked at once for all tests here.</summary>
public sealed class WholeKernel
{
    internal Inspection Inspection { get; } = Inspection.Run(DocumentationTests.Root.TrimEnd('/'));
}

/// <summary>What the analyzer says about the kernel when it sees all assemblies, and the page that is made from it.</summary>
public sealed class KernelTests(WholeKernel kernel) : IClassFixture<WholeKernel>
{
    [Fact]
    public void TheKernelPasses()
    {
        var found = kernel.Inspection.Projects.SelectMany(project => project.Diagnostics).Select(one => one.ToString()).Order(StringComparer.Ordinal).ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Fact]
    public void TheLocksPageIsUpToDate() =>
        Assert.True(kernel.Inspection.Document == File.ReadAllText(Path.Combine(DocumentationTests.Root, "docs/locks.md")), "docs/locks.md is not what the sources make: run 'make locks'");
}
