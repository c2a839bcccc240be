using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml.Linq;
using CosmosKernel.BootHarness;
using CosmosKernel.TestReport;
using Xunit;

namespace CosmosKernel.Boot.Tests;

/// <summary>JUnit files, and the sum over all result files.</summary>
public sealed class ReportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("report-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void EachOutcomeIsWrittenAndReadBack()
    {
        string path = Write(Result(
            Verdict.TestsFailed,
            new TestResult("lock.a", TestOutcome.Passed, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(2), ""),
            new TestResult("lock.b", TestOutcome.Failed, TimeSpan.Zero, TimeSpan.Zero, "bad \x1 \uD800 <&>\nstack"),
            new TestResult("lock.c", TestOutcome.Skipped, TimeSpan.Zero, TimeSpan.Zero, "no HPET"),
            new TestResult("lock.d", TestOutcome.Missing, TimeSpan.Zero, TimeSpan.Zero, "never reported")));
        XElement suite = XDocument.Load(path).Root!.Element("testsuite")!;
        Assert.Equal(("4", "2", "1"), ((string)suite.Attribute("tests")!, (string)suite.Attribute("failures")!, (string)suite.Attribute("skipped")!));
        Assert.Equal("1.500000", (string)suite.Elements("testcase").First().Attribute("time")!);
        Assert.Contains("7", suite.Element("properties")!.Element("property")!.Attribute("value")!.Value, StringComparison.Ordinal);

        IReadOnlyList<Case> cases = ResultFile.Read(path);
        Assert.Equal([Outcome.Passed, Outcome.Failed, Outcome.Skipped, Outcome.Failed], cases.Select(test => test.Outcome));
        Assert.Equal("bad \uFFFD \uFFFD <&>\nstack", cases[1].Message);
        Assert.Equal("lock.b", cases[1].Name);
    }

    [Theory]
    [InlineData(Verdict.Panic)]
    [InlineData(Verdict.TimedOut)]
    [InlineData(Verdict.TripleFault)]
    [InlineData(Verdict.MissingResult)]
    [InlineData(Verdict.EmulatorFailed)]
    public void AMachineThatDidNotEndWellIsAFailureOfItsOwn(Verdict verdict)
    {
        string path = Write(Result(verdict, new TestResult("lock.a", TestOutcome.Passed, TimeSpan.Zero, TimeSpan.Zero, "")));
        Case machine = ResultFile.Read(path)[^1];
        Assert.Equal(("boot.machine", Outcome.Failed), (machine.Name, machine.Outcome));
    }

    [Fact]
    public void ABootWithoutTestsIsOneTest() =>
        Assert.Equal(("boot.machine", Outcome.Passed), ResultFile.Read(Write(Result(Verdict.PoweredOff))).Select(test => (test.Name, test.Outcome)).Single());

    [Fact]
    public void TrxOutcomesAreRead()
    {
        string path = Trx("Completed", "Passed", "Failed", "NotExecuted", "Timeout");
        Assert.Equal(
            [Outcome.Passed, Outcome.Failed, Outcome.Skipped, Outcome.Failed],
            ResultFile.Read(path).Select(test => test.Outcome));
    }

    [Fact]
    public void ACrashOfTheTestHostIsAFailure()
    {
        Case crash = ResultFile.Read(Trx("Failed", "Passed"))[^1];
        Assert.Equal(Outcome.Failed, crash.Outcome);
        Assert.Equal("the test run itself", crash.Name);
    }

    [Theory]
    [InlineData("<TestRun><cut off")]
    [InlineData("<other/>")]
    [InlineData("")]
    public void ABrokenFileIsRefused(string text)
    {
        string path = Path.Combine(_folder, "broken.trx");
        File.WriteAllText(path, text);
        Assert.Throws<InvalidDataException>(() => ResultFile.Read(path));
    }

    [Fact]
    public void TheLastLineIsTheSumAndTheStatusSaysWhetherAllPassed()
    {
        Trx("Completed", "Passed", "Passed");
        Assert.Equal((0, "2 passed, 0 failed"), Report(_folder));
        Write(Result(Verdict.Panic));
        Assert.Equal((1, "2 passed, 1 failed"), Report(_folder));
    }

    [Fact]
    public void NothingThatRanIsAFailure() => Assert.Equal((1, "0 passed, 0 failed"), Report(_folder));

    [Fact]
    public void AFolderThatIsNotThereIsBadUsage() => Assert.Equal(3, Programs.Start("testreport", [], Path.Combine(_folder, "none")).Status);

    private static (int Status, string LastLine) Report(string path)
    {
        (int status, string output, _) = Programs.Start("testreport", [], path);
        return (status, output.TrimEnd().Split('\n')[^1]);
    }

    private static BootResult Result(Verdict verdict, params TestResult[] tests) => new()
    {
        Verdict = verdict,
        Reason = "because",
        Tests = tests,
        Figures = [new Figure("a.b", 7, "ns")],
        Problems = [],
        Duration = TimeSpan.FromSeconds(3),
        LastLines = ["last"],
        CommandLine = "qemu",
    };

    private string Write(BootResult result)
    {
        string path = Path.Combine(_folder, "deeper", "boot.xml");
        JUnitWriter.Write(path, "suite", result);
        return path;
    }

    private string Trx(string summary, params string[] outcomes)
    {
        XNamespace ns = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";
        string path = Path.Combine(_folder, "run.trx");
        new XDocument(new XElement(
            ns + "TestRun",
            new XElement(ns + "Results", outcomes.Select((outcome, i) => new XElement(
                ns + "UnitTestResult", new XAttribute("testName", $"T{i}"), new XAttribute("outcome", outcome)))),
            new XElement(ns + "ResultSummary", new XAttribute("outcome", summary)))).Save(path);
        return path;
    }
}
