using System;
using Cosmos.System.Plugs;
using Xunit;

namespace CosmosKernel.Tests.Cosmos;

/// <summary>Paths with drives, as System.IO.Path has them in an image with a Cosmos kernel; those without are as ever.</summary>
public sealed class DriveSyntaxTests
{
    [Theory]
    [InlineData(@"0:\", 3)]
    [InlineData("0:", 2)]
    [InlineData("1:/a", 3)]
    [InlineData("0:a", 0)]
    [InlineData("a:", 0)]
    [InlineData("/a", 1)]
    [InlineData(@"\a", 1)]
    [InlineData("a", 0)]
    [InlineData("", 0)]
    public void ARootIsADriveOrASeparator(string path, int expected)
    {
        Assert.Equal(expected, DriveSyntax.RootLength(path));
        Assert.Equal(expected > 0, PathPlugs.IsPathRooted(path));
        Assert.Equal(path[..expected], PathPlugs.GetPathRoot(path.AsSpan()).ToString());
        Assert.Equal(path.Length == 0 ? null : path[..expected], PathPlugs.GetPathRoot(path));
    }

    [Theory]
    [InlineData(@"0:\a\b.txt", "b.txt")]
    [InlineData(@"0:\a/b.txt", "b.txt")]
    [InlineData(@"0:\", "")]
    [InlineData("0:", "")]
    [InlineData("/a/b", "b")]
    [InlineData("b", "b")]
    [InlineData(@"a\", "")]
    public void AFileNameIsWhatIsBehindTheLastSeparator(string path, string expected) => Assert.Equal(expected, PathPlugs.GetFileName(path).ToString());

    [Theory]
    [InlineData(@"0:\a", "b", @"0:\a\b")]
    [InlineData(@"0:\a\", "b", @"0:\a\b")]
    [InlineData("0:", "b", @"0:\b")]
    [InlineData("/a", "b", "/a/b")]
    [InlineData("a", @"\b", @"a\b")]
    public void PartsAreJoinedByTheSeparatorOfTheFirst(string first, string second, string expected)
    {
        Assert.Equal(expected, PathPlugs.JoinInternal(first, second));
        string separator = DriveSyntax.SeparatorAfter(first);
        Assert.Equal(expected + separator + "c" + separator + "d", PathPlugs.JoinInternal(first, second, "c", "d"));
        Assert.Equal(expected + separator + "c", PathPlugs.JoinInternal(first, second, "c"));
    }

    [Theory]
    [InlineData(@"0:\a\..\b\.\c", @"0:\b\c")]
    [InlineData("0:/a//b", @"0:\a\b")]
    [InlineData(@"0:\..\..\a", @"0:\a")]
    [InlineData(@"0:\a\b\..\..", @"0:\")]
    [InlineData(@"0:\a\b\", @"0:\a\b\")]
    [InlineData("0:", @"0:\")]
    [InlineData("/a/../b//c/.", "/b/c")]
    [InlineData("/a/b/../..", "/")]
    [InlineData("/a/", "/a/")]
    [InlineData("/..", "/")]
    [InlineData(@"/a/..\b", @"/a/..\b")]
    public void AFullPathHasNoDotsAndNoEmptyNames(string path, string expected) => Assert.Equal(expected, PathPlugs.GetFullPath(path));

    [Fact]
    public void APathHasToBeOne()
    {
        Assert.Throws<ArgumentException>(() => PathPlugs.GetFullPath(""));
        Assert.Throws<ArgumentException>(() => PathPlugs.GetFullPath("a\0b"));
        Assert.Throws<ArgumentNullException>(() => PathPlugs.GetFullPath(null!));
    }
}
