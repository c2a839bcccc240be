using System;
using System.IO;
using System.Linq;
using System.Text;
using CosmosKernel.BootHarness;
using Xunit;

namespace CosmosKernel.Boot.Tests;

/// <summary>Kernel options go into a copy of an ISO, in place.</summary>
public sealed class IsoCommandLineTests : IDisposable
{
    private const int Sector = 2048;
    private readonly string _folder = Directory.CreateTempSubdirectory("isotest-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(3)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(700)]
    public void TheReservedFileIsOverwrittenAndNothingElse(int sector)
    {
        string iso = MakeIso(800, sector);
        byte[] before = File.ReadAllBytes(iso);
        string copy = IsoCommandLine.Prepare(iso, "quiet test=sched.*", _folder);
        byte[] after = File.ReadAllBytes(copy);
        int start = sector * Sector;
        Assert.NotEqual(iso, copy);
        Assert.Equal(before, File.ReadAllBytes(iso));
        Assert.Equal(before[..start], after[..start]);
        Assert.Equal(before[(start + 1024)..], after[(start + 1024)..]);
        string[] lines = Encoding.ASCII.GetString(after, start, 1024).Split('\n');
        Assert.Equal("set append=\"quiet test=sched.*\"", lines[0]);
        Assert.StartsWith("#", lines[1], StringComparison.Ordinal);
        Assert.Equal("", lines[2]);
    }

    [Fact]
    public void WithoutOptionsTheIsoItselfIsBooted()
    {
        string iso = MakeIso(10, null);
        Assert.Equal(iso, IsoCommandLine.Prepare(iso, "", _folder));
    }

    [Fact]
    public void AnIsoWithoutThePlaceIsRefused()
    {
        string iso = MakeIso(10, null);
        Assert.Contains("no boot/grub/append.cfg", Assert.Throws<UsageException>(() => IsoCommandLine.Prepare(iso, "quiet", _folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMarkerThatIsNotAtTheStartOfASectorIsNoPlace()
    {
        string iso = MakeIso(10, null);
        using (FileStream stream = File.OpenWrite(iso))
        {
            stream.Position = (3 * Sector) + 16;
            stream.Write(IsoCommandLine.Reserve());
        }

        Assert.Throws<UsageException>(() => IsoCommandLine.Prepare(iso, "quiet", _folder));
    }

    [Fact]
    public void TwoPlacesAreRefused()
    {
        string iso = MakeIso(10, 3);
        using (FileStream stream = File.OpenWrite(iso))
        {
            stream.Position = 5 * Sector;
            stream.Write(IsoCommandLine.Reserve());
        }

        Assert.Contains("more than one", Assert.Throws<UsageException>(() => IsoCommandLine.Prepare(iso, "quiet", _folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\"b", "'\"'")]
    [InlineData("a\\b", "'\\'")]
    [InlineData("$a", "'$'")]
    [InlineData("`a", "'`'")]
    [InlineData("a\tb", "U+0009")]
    [InlineData("\u00e9", "U+00E9")]
    public void CharactersThatMeanSomethingToGrubAreRefused(string append, string named) =>
        Assert.Contains(named, Assert.Throws<UsageException>(() => IsoCommandLine.Encode(append)).Message, StringComparison.Ordinal);

    [Fact]
    public void TheLongestCommandLineFitsAndOneMoreDoesNot()
    {
        Assert.Equal(1024, IsoCommandLine.Encode(new string('a', IsoCommandLine.MaximumLength)).Length);
        Assert.Throws<UsageException>(() => IsoCommandLine.Encode(new string('a', IsoCommandLine.MaximumLength + 1)));
    }

    private string MakeIso(int sectors, int? reserved)
    {
        byte[] bytes = new byte[sectors * Sector];
        new Random(1).NextBytes(bytes);
        if (reserved is { } sector)
        {
            IsoCommandLine.Reserve().CopyTo(bytes, sector * Sector);
        }

        string path = Path.Combine(_folder, "original.iso");
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
