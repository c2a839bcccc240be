using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Tools.Modules;
using Xunit;

namespace CosmosKernel.Tests.Modules;

/// <summary>What the build reads of a module, and what it refuses, with file and line.</summary>
public sealed class ModuleReaderTests : IDisposable
{
    private readonly Snippet _snippet = new();

    /// <inheritdoc/>
    public void Dispose() => _snippet.Dispose();

    [Fact]
    public void EverythingThatAModuleSaysIsRead()
    {
        ModuleDescription module = Read("""
            using CosmosKernel.Modules;
            using CosmosKernel.Modules.Devices;
            namespace Example
            {
                public enum Speed { Slow, VeryFast = 7 }

                [Module("example", Version = "2.1", Description = "an example", DependsOn = new[] { "serial", "bus >= 1.2" })]
                [MatchesPci(0x1AF4, 0x1041)]
                [MatchesPci(-1, Class = 0x010802, ClassMask = 0xFFFF00)]
                public sealed class ExampleModule : KernelModule
                {
                    [ModuleParameter("a switch")] public bool On { get; set; } = true;
                    [ModuleParameter("an int", Minimum = -5, Maximum = 9)] public int Level { get; set; } = -3;
                    [ModuleParameter("a uint")] public uint Size { get; set; } = 0xFFFF_FFFF;
                    [ModuleParameter("a long")] public long Big { get; set; } = -1L << 40;
                    [ModuleParameter("a ulong")] public ulong Huge { get; set; } = ulong.MaxValue;
                    [ModuleParameter("a text", MaximumLength = 8)] public string Label { get; set; } = "abc";
                    [ModuleParameter("a choice")] public Speed Speed { get; set; } = Speed.VeryFast;
                    [ModuleParameter("numbers", Maximum = 100, MaximumLength = 4, IsWritable = true)] public int[] Levels { get; set; } = [1, 2];
                    [ModuleParameter("texts")] public string[] Names { get; set; } = [];
                    [ModuleParameter("computed")] public int Computed { get; set; } = System.Environment.ProcessorCount;
                }
            }
            """);
        Assert.Equal("example", module.Name);
        Assert.Equal(new Version(2, 1, 0), module.Version);
        Assert.Equal([new DependencyDescription("serial", null), new DependencyDescription("bus", new Version(1, 2, 0))], module.Dependencies);
        Assert.Equal(["pci:v00001AF4d00001041sv*sd*bc*sc*i*", "pci:v*d*sv*sd*bc01sc08i*"], module.Aliases);
        Assert.Contains("Example", module.Namespaces);
        Assert.Equal(
            ["On bool Y", "Level int -3", "Size uint 4294967295", "Big long -1099511627776", "Huge ulong 18446744073709551615", "Label string abc", "Speed enum very_fast", "Levels int[] ", "Names string[] ", "Computed int "],
            module.Parameters.Select(parameter => $"{parameter.Property} {parameter.ShortType} {parameter.Default}"));
        ParameterDescription levels = module.Parameters.Single(parameter => parameter.Property == "Levels");
        Assert.True(levels.IsWritable);
        Assert.Equal((int.MinValue, 100m, 4), (levels.Minimum, levels.Maximum, levels.MaximumLength));
    }

    [Theory]
    [InlineData("[ModuleParameter(\"x\")] public double Wrong { get; set; }", "a parameter is a public property that can be read and set")]
    [InlineData("[ModuleParameter(\"x\")] public int Wrong { get; private set; }", "a parameter is a public property that can be read and set")]
    [InlineData("[ModuleParameter(\"x\")] public bool[] Wrong { get; set; } = [];", "a parameter is a public property that can be read and set")]
    [InlineData("[ModuleParameter(\"x\", Minimum = 5, Maximum = 4)] public int Wrong { get; set; }", "no int is from 5 to 4")]
    [InlineData("[ModuleParameter(\"x\", Minimum = -1)] public uint Wrong { get; set; }", "no uint is from -1 to 4294967295")]
    [InlineData("[ModuleParameter(\"x\", Maximum = 4294967296)] public int Wrong { get; set; }", "no int is from")]
    [InlineData("[ModuleParameter(\"x\", Minimum = 1)] public string Wrong { get; set; } = \"\";", "Minimum and Maximum are for numbers")]
    [InlineData("[ModuleParameter(\"x\", MaximumLength = 0)] public string Wrong { get; set; } = \"\";", "MaximumLength is 1 or more")]
    [InlineData("[ModuleParameter(\"x\", Minimum = 1, Maximum = 9)] public int Wrong { get; set; } = 10;", "the default 10 is not from 1 to 9")]
    [InlineData("[ModuleParameter(\"x\", Minimum = 1)] public long Wrong { get; set; }", "the default 0 is not from 1")]
    public void WhatCannotWorkIsRefusedWithFileAndLine(string parameter, string message)
    {
        string source = "using CosmosKernel.Modules;\n[Module(\"example\")]\npublic sealed class ExampleModule : KernelModule\n{\n    " + parameter + "\n}\n";
        ModuleListException refused = Assert.Throws<ModuleListException>(() => Read(source));
        Assert.StartsWith("Snippet.cs(5): ExampleModule.Wrong: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[Module(\"Example\")]", "expected a name of lower-case letters")]
    [InlineData("[Module(\"example\", Version = \"1.x\")]", "expected a version of one to three numbers, found '1.x'")]
    [InlineData("[Module(\"example\", Description = \"two\\nlines\")]", "Description is one line of text")]
    [InlineData("[Module(\"example\", DependsOn = new[] { \"a >= \" })]", "expected 'NAME' or 'NAME >= VERSION' in DependsOn, found 'a >= '")]
    [InlineData("[Module(\"example\", DependsOn = new[] { \"a b\" })]", "found 'a b'")]
    public void ADescriptionThatIsWrongIsRefused(string attribute, string message)
    {
        ModuleListException refused = Assert.Throws<ModuleListException>(() =>
            Read("using CosmosKernel.Modules;\n" + attribute + "\npublic sealed class ExampleModule : KernelModule\n{\n    public int X() => 1;\n}\n"));
        Assert.StartsWith("Snippet.cs(5): ExampleModule: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DependenciesMustBeThereAndNewEnoughAndNoCircle()
    {
        ModuleDescription bottom = Named("bottom", "1.4.0");
        DependencyChecker.Check([Named("top", "1.0.0", ("bottom", "1.4.0")), bottom]);
        Assert.Contains("'top' depends on 'bottom', which is not in the list", Refused([Named("top", "1.0.0", ("bottom", null))]), StringComparison.Ordinal);
        Assert.Contains("'top' depends on 'bottom' 1.5.0 or later, and the list has 1.4.0", Refused([Named("top", "1.0.0", ("bottom", "1.5.0")), bottom]), StringComparison.Ordinal);
        Assert.Contains("in a circle: b -> c -> b", Refused([Named("a", "1.0.0", ("b", null)), Named("b", "1.0.0", ("c", null)), Named("c", "1.0.0", ("b", null))]), StringComparison.Ordinal);
    }

    private static string Refused(IReadOnlyList<ModuleDescription> modules) => Assert.Throws<ModuleListException>(() => DependencyChecker.Check(modules)).Message;

    private static ModuleDescription Named(string name, string version, params (string Name, string? Minimum)[] needs) =>
        new(name, name, new Dictionary<string, string>(), [], [], [])
        {
            Version = Version.Parse(version),
            Dependencies = [.. needs.Select(need => new DependencyDescription(need.Name, need.Minimum is null ? null : Version.Parse(need.Minimum)))],
        };

    private ModuleDescription Read(string source) => ModuleReader.Read(_snippet.Compile(source));
}
