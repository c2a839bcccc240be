using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using Xunit;

namespace CosmosKernel.CoreLibCheck.Tests;

/// <summary>The CoreLib that ILC brings is the one that the runtime was written for, and the check sees when it is not.</summary>
public sealed class LayoutTests
{
    private static string Root => Metadata("Root");

    private static string RuntimeFolder => Path.Combine(Root, "Kernel", "Runtime");

    [Fact]
    public void Every_fact_of_the_runtime_holds()
    {
        using AssemblyFacts coreLib = OpenCoreLib();
        Assert.Empty(LayoutCheck.Compare(Facts(), coreLib, runtime: null, Sources()));
    }

    [Fact]
    public void Each_constant_named_in_the_file_is_compared()
    {
        // Every value off by one: each fact fails at CoreLib, and those with an X# constant a second time.
        List<LayoutFact> wrong = Facts().ConvertAll(fact => fact with { Value = fact.Value + 1 });
        using AssemblyFacts coreLib = OpenCoreLib();
        List<string> messages = LayoutCheck.Compare(wrong, coreLib, runtime: null, Sources());
        Assert.Equal(wrong.Count + wrong.Count(fact => fact.XSharpConstant != null), messages.Count);
    }

    [Fact]
    public void A_constant_that_CoreLib_lost_is_reported()
    {
        using AssemblyFacts coreLib = OpenCoreLib();
        LayoutFact lost = new(7, "AsmOffsets.OFFSETOF__Gone", 1, null, null);
        string message = Assert.Single(LayoutCheck.Compare([lost], coreLib, null, []));
        Assert.Equal("corelib-layout.txt(7): error: CoreLib has nothing of this name for AsmOffsets.OFFSETOF__Gone, expected 1", message);
    }

    [Fact]
    public void A_structure_of_this_assembly_is_measured()
    {
        using var self = new AssemblyFacts(typeof(LayoutTests).Assembly.Location);
        Assert.Equal(24, self.Layout("sizeof(LayoutTests/Sample)"));
        Assert.Equal(16, self.Layout("LayoutTests/Sample.Last"));
        Assert.Null(self.Layout("LayoutTests/Sample.Missing"));
    }

    [Theory]
    [InlineData("JustAName 5")]
    [InlineData("Type.Constant five")]
    [InlineData("Type.Constant 5 zz:Thing")]
    public void A_bad_line_is_refused_with_its_number(string line)
    {
        FormatException e = Assert.Throws<FormatException>(() => LayoutFact.Parse(["# comment", line]));
        Assert.StartsWith("line 2:", e.Message, StringComparison.Ordinal);
    }

    private static List<LayoutFact> Facts() => LayoutFact.Parse(File.ReadLines(Path.Combine(RuntimeFolder, "corelib-layout.txt")));

    private static IEnumerable<string> Sources() =>
        Directory.EnumerateFiles(RuntimeFolder, "*.xs", SearchOption.AllDirectories).Select(File.ReadAllText);

    private static AssemblyFacts OpenCoreLib() =>
        new(Path.Combine(Metadata("Packages"), "runtime.linux-x64.microsoft.dotnet.ilcompiler", Metadata("IlcVersion"), "sdk", "System.Private.CoreLib.dll"));

    internal static string Metadata(string key) =>
        typeof(LayoutTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;

    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit, Size = 24)]
    private struct Sample
    {
        [System.Runtime.InteropServices.FieldOffset(16)]
        public int Last;

        public Sample() => Last = 1;
    }
}
