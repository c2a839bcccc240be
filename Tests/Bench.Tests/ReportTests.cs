using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using Spectre.Console;
using Xunit;

namespace CosmosKernel.Bench.Tests;

public sealed class ReportTests : IDisposable
{
    private static readonly Measurement s_met = new("spin_lock_pair", 18.4m, "instructions", Method.Instructions, 1, 20);
    private static readonly Measurement s_missed = new("wake_to_run", 1466.2m, "instructions", Method.Instructions, 1, 700);

    private readonly string _folder = Directory.CreateTempSubdirectory("bench-test").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("contention.ticket.8.throughput", "ticket", 8, "throughput")]
    [InlineData("contention.rw_semaphore.2.fairness", "rw_semaphore", 2, "fairness")]
    public void AFigureOfContentionNamesItsLockItsContendersAndWhatItTells(string name, string kind, int contenders, string what) =>
        Assert.Equal(new Contention(kind, contenders, what), Contention.Parse(name));

    [Theory]
    [InlineData("spin_lock_pair")]
    [InlineData("contention.ticket.many.throughput")]
    [InlineData("contention.ticket.8")]
    public void OtherFiguresAreNoContention(string name) => Assert.Null(Contention.Parse(name));

    [Theory]
    [InlineData("18.37", "18.37")]
    [InlineData("394.25", "394.3")]
    [InlineData("1466.2", "1,466")]
    [InlineData("148000000", "148 M")]
    public void AValueIsShownWithTheDigitsThatMeanSomething(string value, string text) =>
        Assert.Equal(text, (s_met with { Value = decimal.Parse(value, System.Globalization.CultureInfo.InvariantCulture) }).ValueText);

    [Fact]
    public void TheTableSaysWhichAimsAreMetAndHasAColumnForEachMachine()
    {
        Measurement wall = new("contention.ticket.2.throughput", 5_000_000, "ops/s", Method.Wall, 1, null);
        string text = Table([s_met, s_missed, wall, wall with { Cpus = 4, Value = 2_000_000 }]);
        Assert.Matches(@"spin_lock_pair\W+18.4\W+20 met", text);
        Assert.Matches(@"wake_to_run\W+1,466\W+700 missed", text);
        Assert.Matches(@"1 CPU\W+4 CPUs", text);
        Assert.Matches(@"contention.ticket.2.throughput\W+ops/s\W+5,000,000\W+2,000,000", text);
    }

    [Fact]
    public void TheJsonHasEveryFigureWithItsMachineAndMethod()
    {
        string path = Path.Combine(_folder, "figures.json");
        Report.WriteJson(path, [s_met, s_missed with { Aim = null }]);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(path));
        Assert.Equal(2, json.RootElement.GetArrayLength());
        Assert.Equal("spin_lock_pair", json.RootElement[0].GetProperty("name").GetString());
        Assert.Equal("instructions", json.RootElement[0].GetProperty("method").GetString());
        Assert.Equal(20, json.RootElement[0].GetProperty("aim").GetDecimal());
        Assert.False(json.RootElement[1].TryGetProperty("aim", out _));
    }

    [Fact]
    public void AnAimThatIsNoNumberIsRefusedWithFileAndLine()
    {
        string path = Path.Combine(_folder, "aims.json");
        File.WriteAllText(path, "{\n  \"yield\": \"fast\"\n}\n");
        InvalidDataException refused = Assert.Throws<InvalidDataException>(() => Aims.Read(path));
        Assert.Contains("aims.json(2)", refused.Message, StringComparison.Ordinal);
    }

    private static string Table(IReadOnlyCollection<Measurement> measurements)
    {
        using StringWriter text = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 160;
        Report.WriteTables(console, measurements);
        return text.ToString();
    }
}
