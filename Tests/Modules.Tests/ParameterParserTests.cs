using System;
using CosmosKernel.Modules;
using Xunit;

namespace CosmosKernel.Tests.Modules;

/// <summary>Values of module parameters as they are written on the command line, versions, and dependencies.</summary>
public sealed class ParameterParserTests
{
    [Theory]
    [InlineData("7", 7L, null)]
    [InlineData("-7", -7L, null)]
    [InlineData("0x10", 16L, null)]
    [InlineData("17", null, "expected a number from -10 to 16")]
    [InlineData("", null, "expected a number from -10 to 16")]
    [InlineData("1 2", null, "expected a number from -10 to 16")]
    [InlineData("99999999999999999999", null, "expected a number from -10 to 16")]
    public void Numbers(string text, long? expected, string? problem)
    {
        long? got = null;
        string? said = ParameterParser.Number(text, -10, 16, value => got = value);
        Assert.Equal((expected, problem), (got, said));
    }

    [Fact]
    public void UnsignedNumbersGoToTheirEnd()
    {
        ulong got = 0;
        Assert.Null(ParameterParser.Unsigned("18446744073709551615", 0, ulong.MaxValue, value => got = value));
        Assert.Equal(ulong.MaxValue, got);
        Assert.NotNull(ParameterParser.Unsigned("-1", 0, ulong.MaxValue, value => got = value));
    }

    [Fact]
    public void ListsAreCountedAndChecked()
    {
        long[] got = [];
        Assert.Null(ParameterParser.Numbers("1,0x2,3", 0, 3, 3, value => got = value));
        Assert.Equal([1L, 2L, 3L], got);
        Assert.Null(ParameterParser.Numbers("", 0, 3, 3, value => got = value));
        Assert.Empty(got);
        Assert.Equal("expected at most 2 numbers, found 3", ParameterParser.Numbers("1,2,3", 0, 3, 2, value => got = value));
        Assert.Contains("found '4'", ParameterParser.Numbers("1,4", 0, 3, 3, value => got = value));
        Assert.Contains("found ''", ParameterParser.Numbers("1,,2", 0, 3, 3, value => got = value));
        string[] texts = [];
        Assert.Null(ParameterParser.Texts("a,b", 2, value => texts = value));
        Assert.Equal(["a", "b"], texts);
    }

    [Fact]
    public void ChoicesAndSwitchesAndTexts()
    {
        int got = -1;
        Assert.Null(ParameterParser.Choice("FAST", ["slow", "fast"], value => got = value));
        Assert.Equal(1, got);
        Assert.Equal("expected one of slow, fast", ParameterParser.Choice("medium", ["slow", "fast"], value => got = value));
        bool isOn = false;
        Assert.Null(ParameterParser.Boolean("", value => isOn = value));
        Assert.True(isOn);
        Assert.NotNull(ParameterParser.Boolean("maybe", value => isOn = value));
        Assert.Equal("expected at most 2 characters, found 3", ParameterParser.Text("abc", 2, _ => { }));
    }

    [Fact]
    public void WhatASetterThrowsIsWhatIsWrong() =>
        Assert.Equal("no prime", ParameterParser.Number("4", 0, 9, _ => throw new ArgumentException("no prime")));

    [Theory]
    [InlineData("1", "1.0.0")]
    [InlineData("1.2", "1.2.0")]
    [InlineData("10.20.30", "10.20.30")]
    [InlineData("", null)]
    [InlineData("1.2.3.4", null)]
    [InlineData("1.-2", null)]
    [InlineData("v1", null)]
    public void Versions(string text, string? expected)
    {
        bool isVersion = ModuleVersion.TryParse(text, out ModuleVersion version);
        Assert.Equal(expected, isVersion ? version.ToString() : null);
    }

    [Fact]
    public void VersionsAreOrderedByNumberAndNotByText()
    {
        Assert.True(new ModuleVersion(1, 10) > new ModuleVersion(1, 9, 99));
        Assert.True(new ModuleVersion(2) >= new ModuleVersion(1, 99));
        Assert.True(new ModuleVersion(1, 0, 1) < new ModuleVersion(1, 0, 2));
        Assert.Equal(new ModuleDependency("a", new ModuleVersion(1, 2)), ModuleDependency.Parse("a >= 1.2"));
        Assert.Equal(new ModuleDependency("a", null), ModuleDependency.Parse("a"));
        Assert.Throws<FormatException>(() => ModuleDependency.Parse("a > 1"));
    }
}
